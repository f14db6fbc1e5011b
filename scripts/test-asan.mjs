// `npm run test:asan`: the native tests on an addon built with AddressSanitizer and UndefinedBehaviorSanitizer, one run
// of SmolLM2 among them. Fails where a test fails or a sanitizer reports anything in any process. Takes vitest's
// arguments: npm run test:asan -- test/native/abort.test.ts
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildNative } from "./build-native.mjs";
import { failWith, withProgress } from "./progress.mjs";
import { showTool } from "./run-tool.mjs";
import { assertPassed, runNativeTests, sanitizedEnvironment, withoutReports } from "./sanitizers.mjs";
import { setup } from "./setup.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tests that say nothing here. Everything else that needs the addon runs, also what is new. */
const LEFT_OUT = {
  "test/robustness/memory.test.ts": "measures memory, and AddressSanitizer keeps what was freed",
  "packages/model-tools/test/native/models-prepare.test.ts":
    "runs the exporter's Python, where it is installed, for tens of minutes",
  "packages/model-tools/test/native/models-synth.test.ts": "the same",
};

try {
  await setup();
  await withProgress("Building with AddressSanitizer", async (onLine) => {
    await buildNative({ sanitize: "address", onLine });
    await buildNative({ sanitize: "address", target: "text_probe", onLine });
    await buildNative({ sanitize: "address", target: "abi_probe", onLine });
  });
  const env = await sanitizedEnvironment("address");
  await withoutReports("address", async (logPath) => {
    env.UBSAN_OPTIONS = `print_stacktrace=1:halt_on_error=1:abort_on_error=1:log_path=${logPath}`;
    env.ASAN_OPTIONS = [
      "detect_leaks=1",
      "exitcode=0", // a leak must not change it: not every one is ours
      "abort_on_error=1",
      "use_sigaltstack=0", // with it, processes of several worker threads end at random inside the sanitizer
      `log_path=${logPath}`,
    ].join(":");
    const modelFree = join(root, "test", "robustness", "model-free.mjs");
    const code = await showTool(process.execPath, [modelFree], { env: { ...process.env, ...env } });
    assertPassed("The run without a model", code);
    const args = process.argv.length > 2 ? process.argv.slice(2) : await nativeTests();
    assertPassed("vitest", await runNativeTests(args, env));
  });
  process.stdout.write("No report of AddressSanitizer or UndefinedBehaviorSanitizer.\n");
} catch (error) {
  failWith(error);
}

async function nativeTests() {
  const files = await readdir(join(root, "test"), { recursive: true });
  for (const [file, why] of Object.entries(LEFT_OUT)) process.stdout.write(`Left out: ${file}, ${why}.\n`);
  return files
    .map((file) => join("test", file))
    .filter((file) => file.endsWith(".test.ts") && !(file in LEFT_OUT))
    .filter((file) => !/^test\/(unit|types|packaging)\//.test(file))
    .sort();
}
