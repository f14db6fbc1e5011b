/** A model with some of its files spoiled. */
export interface HostileCase {
  name: string;
  model: "chain" | "chain-gguf" | "smollm2";
  /** What is done to which file: a kind of hostile-edits.mjs with its details. */
  edits: { file: string; kind: string; [detail: string]: unknown }[];
  /** Only to try the harness: the child ends itself by this signal, or does nothing for ever. */
  harness?: "SIGABRT" | "hang";
}

export function plainCases(model: HostileCase["model"]): HostileCase[];

export function seededCase(model: HostileCase["model"], seed: number): HostileCase;

/** Chat templates that end in an error, or in text. */
export function templateCases(): HostileCase[];
