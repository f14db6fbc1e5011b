import { beforeEach, vi } from "vitest";

/** For tests of children that crash: AddressSanitizer else makes a report of it, and ends them by another signal. */
export function leaveSignalsToTheSystem(): void {
  beforeEach(() => {
    const others = process.env["ASAN_OPTIONS"] ?? "";
    vi.stubEnv("ASAN_OPTIONS", `${others}:handle_segv=0:handle_sigfpe=0`);
  });
}
