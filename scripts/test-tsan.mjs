// `npm run test:tsan`: data races. First native/test/worker_race.cpp, where many threads submit, cancel, close and join
// at random; then native tests in Node itself, on an addon built with ThreadSanitizer. Fails where one of them fails or
// a race is reported in any process. Takes vitest's arguments: npm run test:tsan -- test/native/abort.test.ts
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildNative } from "./build-native.mjs";
import { library } from "./library.mjs";
import { failWith, withProgress } from "./progress.mjs";
import { runTool, showTool } from "./run-tool.mjs";
import { assertPassed, runNativeTests, sanitizedEnvironment, withoutReports } from "./sanitizers.mjs";
import { setup } from "./setup.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const RACE_ROUNDS = 20;

/** The tests that have threads meet; the others would only be slow. */
const TESTS = [
  "test/robustness/close-race.test.ts",
  "test/robustness/exit.test.ts",
  "test/native/abort.test.ts",
  "test/native/batching.test.ts",
  "test/native/lifecycle.test.ts",
];

try {
  await setup();
  let race = "";
  await withProgress("Building with ThreadSanitizer", async (onLine) => {
    await buildNative({ sanitize: "thread", onLine });
    [race] = await buildNative({ sanitize: "thread", target: "worker_race", onLine });
  });
  const env = await sanitizedEnvironment("thread");
  await assertCanRun(env);
  await withoutReports("thread", async (logPath) => {
    const suppressions = join(root, "scripts", "tsan-suppressions.txt");
    env.TSAN_OPTIONS = `suppressions=${suppressions}:log_path=${logPath}:history_size=4:exitcode=0`;
    await raceWorker(race, env);
    const args = process.argv.length > 2 ? process.argv.slice(2) : TESTS;
    assertPassed("vitest", await runNativeTests(args, env));
  });
  process.stdout.write("No report of ThreadSanitizer.\n");
} catch (error) {
  failWith(error);
}

/** ThreadSanitizer gives up where the kernel scatters memory more widely than it knows. */
async function assertCanRun(env) {
  const { code, output } = await runTool(process.execPath, ["-e", ""], { env: { ...process.env, ...env } });
  if (code === 0) return;
  throw new Error(
    `Node does not run under ThreadSanitizer here. If the reason is the layout of memory: sudo sysctl vm.mmap_rnd_bits=28\n${output}`,
  );
}

async function raceWorker(program, env) {
  const { locateRuntime } = await library("runtime/locate");
  const { writeChainModel } = await library("models/gguf/chain-model");
  const { libraries, tokenizersLibrary } = locateRuntime();
  const folder = await mkdtemp(join(tmpdir(), "openvino-llm-race-"));
  try {
    const model = join(folder, "chain.gguf");
    await writeChainModel(model, { text: "abcdefghijklmnopqrstuvwxyz", loop: true });
    const seed = Math.floor(Math.random() * 2 ** 31);
    process.stdout.write(`worker_race, ${RACE_ROUNDS} rounds from seed ${seed}\n`);
    const code = await showTool(program, [String(seed), String(RACE_ROUNDS), model], {
      env: {
        ...process.env,
        ...env,
        LD_PRELOAD: "",
        LD_LIBRARY_PATH: libraries.map((path) => dirname(path)).join(":"),
        OPENVINO_TOKENIZERS_PATH_GENAI: tokenizersLibrary,
      },
    });
    assertPassed("worker_race", code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
