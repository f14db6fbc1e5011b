// `npm test`: set-up, lint, then vitest, which gets all arguments: npm test -- test/unit
import { lint } from "./lint.mjs";
import { failWith } from "./progress.mjs";
import { NO_TESTS, runTests } from "./run-tests.mjs";
import { setup } from "./setup.mjs";

try {
  await setup();
  await lint();
} catch (error) {
  failWith(error);
  process.stdout.write(NO_TESTS);
  process.exit();
}
process.exitCode = await runTests(process.argv.slice(2));
