import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { locateRuntime } from "../../lib/runtime/locate.js";

const run = promisify(execFile);
const BUILD = fileURLToPath(new URL("../../scripts/build-native.mjs", import.meta.url));

/** Builds a program of native/test (at once where nothing changed), runs it on the runtime, and parses its JSON. */
export async function runProbe(name: "abi_probe" | "text_probe", args: string[]): Promise<unknown> {
  const sanitize = process.env["OPENVINO_LLM_SANITIZE"] ?? "";
  const built = await run(process.execPath, [BUILD, "--sanitize", sanitize, "--target", name]);
  const program = built.stdout.trim().split("\n").at(-1) ?? "";
  const { libraries, tokenizersLibrary } = locateRuntime();
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: libraries.map((path) => dirname(path)).join(":"),
    OPENVINO_TOKENIZERS_PATH_GENAI: tokenizersLibrary,
  };
  const { stdout } = await run(join(program), args, { env, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}
