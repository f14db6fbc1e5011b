import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { promisify } from "node:util";

/** The script of npm, to be run with Node. */
export async function npmCli(): Promise<string> {
  const path = process.env["npm_execpath"];
  if (path?.endsWith(".js")) return path;
  const { stdout } = await promisify(execFile)("sh", ["-c", "command -v npm"]);
  return realpath(stdout.trim());
}
