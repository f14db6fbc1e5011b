// `npm run demo`: set-up, then one question to the default model: npm run demo -- "Why is the sky blue?"
import { failWith } from "./progress.mjs";
import { showTool } from "./run-tool.mjs";
import { setup } from "./setup.mjs";

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
    ...question,
  ];
  process.exitCode = await showTool(process.execPath, command);
} catch (error) {
  failWith(error);
}
