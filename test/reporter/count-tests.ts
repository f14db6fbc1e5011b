/** From what vitest knows of each file to the counts of a run. Pure. */

/** A test when the run is over. */
export interface TestSeen {
  /** "pending": it was to run, and its process ended before it did. */
  readonly state: "passed" | "failed" | "skipped" | "pending";
  /** Whether it was to run: it was not skipped from the outset. */
  readonly isMeant: boolean;
  /** What it was skipped for want of, or another reason; null where none is given. */
  readonly missing: string | null;
  readonly note: string | null;
}

/** A file when the run is over. */
export interface FileSeen {
  /** Whether its process came to its end; false also for one that was not begun. */
  readonly hasEnded: boolean;
  /** Errors outside of tests: of loading it, and of its hooks. */
  readonly errors: number;
  readonly tests: readonly TestSeen[];
}

/** The counts of a run. */
export interface TestCounts {
  readonly passed: number;
  /** Tests that failed, those that were to run and could not, and files and errors that stand for no test. */
  readonly failed: number;
  readonly skipped: number;
  /** How many were skipped for want of what. */
  readonly missing: Readonly<Record<string, number>>;
  /** How many were skipped for another reason. */
  readonly notes: Readonly<Record<string, number>>;
}

/**
 * Counts a run. What was to run and did not pass is a failure: tests whose process crashed, tests behind a hook that
 * failed, files that cannot be loaded.
 *
 * @param unhandledErrors all of them, with one for each process that crashed
 */
export function countTests(files: readonly FileSeen[], unhandledErrors: number): TestCounts {
  let [passed, failed, skipped, crashed] = [0, 0, 0, 0];
  const missing: Record<string, number> = {};
  const notes: Record<string, number> = {};
  for (const { hasEnded, errors, tests } of files) {
    let failedHere = 0;
    for (const test of tests) {
      if (test.state === "passed") passed++;
      else if (test.state !== "skipped" || isBehindHook(test, errors)) failedHere++;
      else {
        skipped++;
        if (test.missing !== null) missing[test.missing] = (missing[test.missing] ?? 0) + 1;
        else if (test.note !== null) notes[test.note] = (notes[test.note] ?? 0) + 1;
      }
    }
    if (failedHere === 0 && (errors > 0 || !hasEnded)) failedHere = 1;
    failed += failedHere;
    if (!hasEnded) crashed++;
  }
  return { passed, failed: failed + Math.max(0, unhandledErrors - crashed), skipped, missing, notes };
}

/** vitest calls a test skipped whose `beforeAll` failed. */
function isBehindHook({ isMeant, missing, note }: TestSeen, errors: number): boolean {
  return errors > 0 && isMeant && missing === null && note === null;
}
