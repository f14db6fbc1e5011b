// `npm test`: set-up, lint, then vitest, which gets all arguments: npm test -- test/unit
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lint } from "./lint.mjs";
import { printFailure } from "./progress.mjs";
import { setup } from "./setup.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await setup();
  await lint();
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const child = spawn(process.execPath, [vitest, "run", ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
  });
  // An interrupt reaches the whole process group; vitest ends first and says so by its exit code.
  process.on("SIGINT", () => undefined);
  process.exitCode = await new Promise((done, failed) => {
    child.once("error", failed).once("close", (code) => done(code ?? 1));
  });
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
