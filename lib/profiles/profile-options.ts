/** The load options about profiles and hints. */
import { invalidArgType } from "../errors/errors.js";

/** @throws TypeError */
export function checkProfileOptions(
  options: { profile?: unknown; performanceHint?: unknown },
  where = "options",
): void {
  const { profile, performanceHint } = options;
  if (profile !== undefined && (typeof profile !== "string" || profile === "" || profile.includes("\0"))) {
    throw invalidArgType(`${where}.profile`, 'the path of a profile or "auto"', profile);
  }
  if (performanceHint !== undefined && performanceHint !== "latency" && performanceHint !== "throughput") {
    throw invalidArgType(`${where}.performanceHint`, '"latency" or "throughput"', performanceHint);
  }
}
