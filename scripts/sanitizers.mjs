// What `npm run test:asan` and `npm run test:tsan` share: finding the compiler's sanitizer libraries, running a program
// on them, and gathering what they report.
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTests } from "./run-tests.mjs";
import { runTool } from "./run-tool.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * What the environment must have where Node runs an addon that was built with a sanitizer.
 * @param {"address" | "thread"} sanitize
 */
export async function sanitizedEnvironment(sanitize) {
  const library = { address: "libasan.so", thread: "libtsan.so" }[sanitize];
  // The C++ library too: loaded later, its exceptions would not be seen.
  const preload = await Promise.all([library, "libstdc++.so.6"].map(compilerLibrary));
  return {
    LD_PRELOAD: [...preload, await keepLibraries()].join(" "),
    OPENVINO_LLM_SANITIZE: sanitize,
    OPENVINO_LLM_ADDON: join(addonFolder(sanitize), "build", "Release", "openvino_llm.node"),
    // Else oneTBB opens a library in a way that no sanitizer can follow, which ends the process.
    TBB_ENABLE_SANITIZERS: "1",
  };
}

/** Where scripts/build-native.mjs lays the addon down. */
function addonFolder(sanitize) {
  return join(root, "build", "sanitize", sanitize);
}

async function compilerLibrary(name) {
  const compiler = process.env.CXX ?? "c++";
  const { output } = await runTool(compiler, [`-print-file-name=${name}`]);
  if (isAbsolute(output)) return output;
  throw new Error(
    `Expected GCC with its sanitizers, but ${compiler} has no ${name}. Debian: apt install g++`,
  );
}

/** Builds scripts/keep-libraries.c. */
async function keepLibraries() {
  const library = join(root, "build", "sanitize", "keep-libraries.so");
  const source = join(root, "scripts", "keep-libraries.c");
  const { code, output } = await runTool(process.env.CC ?? "cc", ["-shared", "-fPIC", "-o", library, source]);
  if (code !== 0) throw new Error(`${source} does not compile.\n${output}`);
  return library;
}

/** Runs the native tests, their processes in that environment; gives vitest's exit code. */
export function runNativeTests(args, env) {
  const limits = ["--testTimeout=600000", "--hookTimeout=600000"];
  return runTests(["--project", "native", ...limits, ...args], {
    ...process.env,
    OPENVINO_LLM_TEST_ENV: JSON.stringify(env),
  });
}

/**
 * Runs `work` with the prefix that sanitizers write their reports to (log_path), because a child's stderr may be read by
 * a test. Throws with every distinct report.
 * @param {"address" | "thread"} sanitize
 * @param {(logPath: string) => Promise<void>} work
 */
export async function withoutReports(sanitize, work) {
  const folder = await mkdtemp(join(tmpdir(), "openvino-llm-sanitize-"));
  let failure = null;
  try {
    await work(join(folder, "report")).catch((error) => (failure = error));
    const reports = new Map();
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), "utf8");
      // One process may report several times; what is alike is shown once.
      for (const report of text.split(/^={18,}$/m).map(oursOf)) {
        const summary = /^SUMMARY: .*$/m.exec(report)?.[0] ?? report.replaceAll(/0x[0-9a-f]+/g, "");
        if (report === "" || reports.has(summary)) continue;
        reports.set(summary, await withSourceLines(report, addonFolder(sanitize)));
      }
    }
    if (reports.size > 0) {
      failure = new Error(
        `${[...reports.values()].join("\n\n")}\n\n${reports.size} distinct sanitizer reports.`,
        { cause: failure },
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (failure !== null) throw failure;
}

const OURS = /openvino_llm|openvino-llm\/native|worker_race/;

/** What of a report is about our code; "" where nothing is. */
function oursOf(report) {
  if (report.includes("LeakSanitizer: detected memory leaks")) return leaksOfOurs(report);
  // A race of which neither access was made in a call of ours is Node's own, which ThreadSanitizer cannot judge because
  // Node is not compiled with it.
  const isRace = report.includes("ThreadSanitizer: data race");
  const [accesses] = report.split(/^ {2}(?:Location is|Mutex M|Thread T|As if synchronized)/m);
  if (isRace && (!OURS.test(accesses) || isAllNotJudged(accessors(accesses)))) return "";
  // Threads of libuv's pool, which have called OpenVINO, end after its static destructors; the mutex is one of those.
  if (report.includes("ThreadSanitizer: unlock of an unlocked mutex") && !OURS.test(report)) return "";
  return report.replace(/^ThreadSanitizer: reported \d+ warnings$/m, "").trim();
}

/** Of each access of a race, the frame that made it: the innermost one that is no interceptor of the sanitizer. */
function accessors(accesses) {
  return accesses
    .split(/^ {2}(?=\S)/m)
    .map((access) => access.split("\n").filter((line) => /^ +#\d+ /.test(line)))
    .filter((frames) => frames.length > 0)
    .map((frames) => frames.find((frame) => !/\(lib[at]san\.so|libsanitizer/.test(frame)) ?? "");
}

/**
 * V8's jobs, which collect garbage while a call of ours is on the stack, and the dynamic linker, whose lock is inside the C
 * library.
 */
const isAllNotJudged = (frames) => frames.length > 0 && frames.every((frame) => NOT_JUDGED.test(frame));
const NOT_JUDGED = /\((?:node|ld-linux-x86-64\.so\.2)\+0x[0-9a-f]+\)/;

/**
 * The leaks that were allocated by us, or by OpenVINO when we called it. The others are of compilers and shells that
 * tests run, and of Node, which frees nothing at `process.exit()`, also of what it allocates when we call it.
 */
function leaksOfOurs(report) {
  const [, ...leaks] = report.trim().split(/\n\n(?=(?:Direct|Indirect) leak of|SUMMARY: )/);
  const ours = leaks.filter((leak) => {
    const frames = leak.split("\n").filter((line) => /^ +#\d+ /.test(line));
    const allocator = frames.find((frame) => !/libsanitizer|libstdc\+\+/.test(frame)) ?? "";
    return OURS.test(allocator) || /node-addon-api|libopenvino/.test(allocator);
  });
  return ours.some((leak) => isDirect(leak) && !isStreamOfThread(leak))
    ? ours.join("\n\n")
    : ours.filter((leak) => OURS.test(leak)).join("\n\n");
}

const isDirect = (leak) => leak.startsWith("Direct");

/**
 * OpenVINO keeps a stream for each thread that calls it, until the thread ends; and those of libuv's pool, where tokenizers
 * work, do not end before `process.exit()`. Indirect leaks hang on it, and do not name it.
 */
const isStreamOfThread = (leak) => /ov::threading::CPUStreamsExecutor::(?:execute|get_stream_id)/.test(leak);

/**
 * Names the source lines of our frames that are given as bare offsets: the sanitizer does not read the debug information
 * of what is loaded after its first report that is let pass.
 */
async function withSourceLines(report, folder) {
  const bare = /<null> <null> \((libopenvino_llm_core\.so|openvino_llm\.node)\+(0x[0-9a-f]+)\)/g;
  const names = new Map();
  for (const [frame, library, offset] of report.matchAll(bare)) {
    const file = join(folder, "build", "Release", library);
    if (names.has(frame)) continue;
    const { code, output } = await runTool("addr2line", ["-Cfpe", file, offset]);
    names.set(frame, code === 0 ? output : frame);
  }
  return report.replaceAll(bare, (frame) => names.get(frame));
}

/** Throws unless the program ended with code 0. */
export function assertPassed(what, code) {
  if (code !== 0) throw new Error(`${what} failed (exit code ${code}).`);
}
