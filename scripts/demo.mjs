// `npm run demo`: set-up, then one question to the default model: npm run demo -- "Why is the sky blue?"
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { printFailure } from "./progress.mjs";
import { setup } from "./setup.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const args = process.argv.slice(2);
  // Words without quotes are one question all the same.
  const question = args.some((arg) => arg.startsWith("-"))
    ? args
    : [args.join(" ") || "What is the capital of France?"];
  await setup();
  const command = [
    "dist/cli/main.js",
    "generate",
    "--stats",
    "--warmup",
    "--temperature",
    "0",
    // So small a model tends to repeat itself to the end of its context.
    "--max-new-tokens",
    "256",
    "--model",
    "smollm2-135m-instruct",
    ...question,
  ];
  const child = spawn(process.execPath, command, { cwd: root, stdio: "inherit" });
  process.on("SIGINT", () => undefined);
  process.exitCode = await new Promise((done, failed) => {
    child
      .once("error", failed)
      .once("close", (code, signal) => done(code ?? (signal === "SIGINT" ? 130 : 1)));
  });
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
