// `npm run test:asan`: the native tests on an addon built with AddressSanitizer and UndefinedBehaviorSanitizer, one run
// of SmolLM2 among them. Fails where a test fails or a sanitizer reports anything in any process. Takes vitest's
// arguments: npm run test:asan -- test/native/abort.test.ts
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildNative } from "./build-native.mjs";
import { printFailure, withProgress } from "./progress.mjs";
import { assertPassed, runVitest, sanitizedEnvironment, show, withoutReports } from "./sanitizers.mjs";
import { setup } from "./setup.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Native tests that say nothing here. Everything else runs, also what is new. */
const LEFT_OUT = {
  "test/robustness/memory.test.ts": "measures memory, and AddressSanitizer keeps what was freed",
};

try {
  await setup();
  await withProgress("Building with AddressSanitizer", async (onLine) => {
    await buildNative({ sanitize: "address", onLine });
    await buildNative({ sanitize: "address", target: "text_probe", onLine });
    await buildNative({ sanitize: "address", target: "abi_probe", onLine });
  });
  const env = await sanitizedEnvironment("address");
  await withoutReports(async (logPath) => {
    env.UBSAN_OPTIONS = `print_stacktrace=1:halt_on_error=1:log_path=${logPath}`;
    const asan = (leaks) => `detect_leaks=${leaks}:halt_on_error=1:log_path=${logPath}`;
    // OpenVINO leaves a few hundred bytes of a library that it unloads, without a name that could be let pass. So
    // leaks are looked for where no model is loaded.
    const leaks = await show(process.execPath, [join(root, "test", "robustness", "model-free.mjs")], {
      ...env,
      ASAN_OPTIONS: asan(1),
    });
    assertPassed("The run without a model", leaks);
    for (const [file, why] of Object.entries(LEFT_OUT)) process.stdout.write(`Left out: ${file}, ${why}.\n`);
    const args = [
      ...Object.keys(LEFT_OUT).map((file) => `--exclude=${file}`),
      "--testTimeout=600000",
      "--hookTimeout=600000",
      ...process.argv.slice(2),
    ];
    assertPassed("vitest", await runVitest(args, { ...env, ASAN_OPTIONS: asan(0) }));
  });
  process.stdout.write("No report of AddressSanitizer or UndefinedBehaviorSanitizer.\n");
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
