/** What the system gives to every process and may refuse: memory and threads, recognised by the words of native errors. */
import { codeOf, OpenVinoLlmError, type ErrorCode } from "./errors.js";

interface Shortage {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly what: string;
  readonly cure: string;
}

/** The words of C++'s exceptions and of the dynamic linker, which reach us within other libraries' messages too. */
const SHORTAGES: readonly Shortage[] = [
  {
    pattern:
      /bad_alloc|bad_array_new_length|can't alloc|cannot allocate memory|not enough memory|out of memory|failed to map segment from shared object(?!: Operation)|cannot (?:create|allocate) (?:shared object descriptor|memory in)/i,
    code: "ERR_OUT_OF_MEMORY",
    what: "the system gave no more memory",
    cure:
      "Close other programs, take a smaller model, key-value cache (cacheSizeGb) or prompt, or raise this process's limit " +
      "(the container's memory, ulimit -v).",
  },
  {
    pattern: /Resource temporarily unavailable/,
    code: "ERR_OUT_OF_THREADS",
    what: "the system gave no more threads",
    cure:
      "Raise the limit of processes (ulimit -u, the container's pids.max) or of memory (ulimit -v), or close other " +
      "programs of this user.",
  },
];

/** The error that a native message stands for where it is about a shortage; null where it is not. */
export function shortageError(context: string, raw: string): OpenVinoLlmError | null {
  const shortage = SHORTAGES.find(({ pattern }) => pattern.test(raw));
  if (shortage === undefined) return null;
  const { code, what, cure } = shortage;
  return new OpenVinoLlmError(code, `${context}: ${what}. ${cure}`, { cause: new Error(raw) });
}

/** Whether an error is for want of memory or threads. */
export function isShortage(error: unknown): boolean {
  return SHORTAGES.some(({ code }) => code === codeOf(error));
}
