import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether Node was started with the module of that URL; Node resolves links in the URL, but not in its arguments. */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}
