export interface SearchResult {
  seed: number;
  /** How many requests ended in which way: a finish reason or the code of an error. */
  endings: Record<string, number>;
  /** What must not be: a signal, a hang, a wrong answer, an error without a reason, figures that do not add up. */
  faults: string[];
}

/** Writes the models of the cases; gives their paths by name. */
export function makeModels(folder: string): Promise<Record<string, string>>;

/** The results in the order of the seeds. */
export function runCases(
  seeds: readonly number[],
  options: {
    models: Record<string, string>;
    /** What one case may take. */
    limitMs: number;
    onResult?: (result: SearchResult) => void;
  },
): Promise<SearchResult[]>;
