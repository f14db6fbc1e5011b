// `npm test`: set-up, lint, then vitest, which gets all arguments: npm test -- test/unit
import { lint } from "./lint.mjs";
import { printFailure } from "./progress.mjs";
import { showTool } from "./run-tool.mjs";
import { setup } from "./setup.mjs";

try {
  await setup();
  await lint();
  const vitest = ["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)];
  process.exitCode = await showTool(process.execPath, vitest);
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
