// Hugging Face's tokenizers, asked by a Python program.
import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** It imports nothing but Python. */
export const TOKENIZERS_WHEEL = {
  requirement: "tokenizers==0.23.3",
  file: "tokenizers-0.23.3-cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
  sha256: "376851d22bcf9d650a5c3090bb83e6cf9e895fbf0595369fa4cd43c1f69b5f87",
};

/** What oracle.py answers; `site` is the folder that the wheel was unpacked into. */
export async function askOracle(site, job) {
  const program = fileURLToPath(new URL("oracle.py", import.meta.url));
  const child = spawn("python3", [program], {
    env: { ...process.env, PYTHONPATH: site, PYTHONNOUSERSITE: "1", PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {}); // it ended before it read everything
  child.stdin.end(JSON.stringify(job));
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  const answer = await buffer(child.stdout);
  if ((await ended) !== 0) throw new Error(`oracle.py ended with ${await ended}.`);
  return JSON.parse(answer.toString("utf8"));
}
