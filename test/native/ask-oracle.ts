import { readFile } from "node:fs/promises";
import { findOracle } from "../helpers/oracle.js";

/** Python's openvino_genai of the pinned wheels, or the reason why there is none. */
export const oracle = await findOracle();

/** Runs oracle.py and gives the JSON that it prints. */
export async function askOracle(args: string[]): Promise<unknown> {
  if ("reason" in oracle) throw new Error(oracle.reason);
  const program = await readFile(new URL("oracle.py", import.meta.url), "utf8");
  return JSON.parse(await oracle.run(program, args));
}
