import type { HostileCase } from "./hostile-cases.mjs";

export interface HostileResult {
  case: HostileCase;
  /** A working model, an error that was thrown, the end of the process, or none of these within the limit. */
  outcome: "model" | "error" | "signal" | "hang";
  /** Of a model: how many tokens it generated. */
  tokens?: number;
  /** Of an error. */
  code?: string;
  message?: string;
  /** Of the end of the process: its signal, the end of stderr, and whether the case ends a process of its own too. */
  signal?: string;
  stderr?: string;
  alone?: boolean;
  /** Why this must not be; empty for a working model and for an error as it should be. */
  faults: string[];
}

export function makeSources(scratch: string): Promise<Record<HostileCase["model"], string>>;

export function runCases(
  cases: readonly HostileCase[],
  options: {
    sources: Record<HostileCase["model"], string>;
    /** What one case may take. */
    limitMs: number;
    jobs: number;
    onResult?: (result: HostileResult) => void;
  },
): Promise<HostileResult[]>;
