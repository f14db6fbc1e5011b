// One trial in a process of its own, with what else the machine did meanwhile; and programs in C++ over the very
// libraries that we load.
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { locateRuntime } from "../../dist/runtime/locate.js";
import { buildNative } from "../../scripts/build-native.mjs";
import { watchMachine } from "./machine.mjs";

const TRIAL_LIMIT_MS = 300_000;

const run = promisify(execFile);

/** Runs a program that prints one JSON object with its `cpuSeconds` in it; `input` goes to its stdin. */
export async function runTrial(program, args, { env = process.env, input = "" } = {}) {
  const since = watchMachine();
  const own = process.cpuUsage();
  const running = run(program, args, { env, timeout: TRIAL_LIMIT_MS, maxBuffer: 1 << 26 });
  running.child.stdin.on("error", () => {}); // it ended without reading: its exit says why
  running.child.stdin.end(input);
  const { stdout } = await running;
  const { busySeconds, cpuSeconds, steal } = since();
  const trial = JSON.parse(stdout);
  const { user, system } = process.cpuUsage(own);
  const others = Math.max(0, busySeconds - trial.cpuSeconds - (user + system) / 1e6) / cpuSeconds;
  return { ...trial, others, steal };
}

/** Runs one of our programs and gives the JSON objects that it prints, one a line. */
export async function rowsOf(program, parameters) {
  const { stdout } = await run(process.execPath, [program, JSON.stringify(parameters)]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Builds a program of CMakeLists.txt. */
export async function cppProgram(target) {
  const [program] = await buildNative({ target, onLine: () => {} });
  const { libraries, tokenizersLibrary } = locateRuntime();
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: libraries.map((path) => dirname(path)).join(":"),
    OPENVINO_TOKENIZERS_PATH_GENAI: tokenizersLibrary,
  };
  return { program, env };
}
