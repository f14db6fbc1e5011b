/** Programs as another user: what the system allows root says little of what it allows others. */
import { execFileSync } from "node:child_process";
import { need } from "./needs.js";

let last = 50_000 + (process.pid % 10_000);

/**
 * The command line that runs a program as a user that nobody is, so that no other process counts as theirs. They may read
 * every file, and write what all may. Where `access()` is asked, in `existsSync` for one, they may not: see `mountAgain`.
 */
export function asOtherUser(...command: readonly string[]): [command: string, args: string[]] {
  const user = `${++last}`;
  const reads = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"];
  return ["setpriv", ["--reuid", user, "--regid", user, "--clear-groups", ...reads, ...command]];
}

function canBeAnother(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    const [command, args] = asOtherUser("true");
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What that needs. */
export const otherUser = need("leave to run as another user (root)", canBeAnother());
