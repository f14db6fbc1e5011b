// Runs cases of hostile-cases.mjs in child processes, several in each, and finds out which one ended a child.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LLMPipeline } from "../../dist/index.js";
import { writeChainModel } from "../../dist/models/gguf/chain-model.js";
import { resolveModel } from "../../dist/models/store/resolve.js";
import { locateRuntime } from "../../dist/runtime/locate.js";
import { GGUF_FILE } from "./hostile-cases.mjs";

const CHILD = fileURLToPath(new URL("hostile-files.mjs", import.meta.url));
/**
 * A hostile size must not take the whole machine's memory. A chain model is content with less than 3 GB of addresses,
 * a sanitizer with no less than all there are.
 */
const ADDRESS_SPACE_KB = process.env.OPENVINO_LLM_SANITIZE === undefined ? 8_000_000 : "unlimited";
const CASES_PER_CHILD = 20;
const START_LIMIT_MS = 60_000;
/** Messages are for users: no source files of whoever built the libraries. */
const BUILD_PATH = /Exception from|Check '.*' failed at|\.(?:c|cc|cpp|h|hpp):\d+|\/src\/|jenkins/;

/** The folders with the whole models, by name: the chain model as GGUF and as IR, and SmolLM2. */
export async function makeSources(scratch) {
  const gguf = join(scratch, GGUF_FILE);
  await writeChainModel(gguf);
  const llm = await LLMPipeline.load(gguf);
  await llm.close();
  const { dir } = await resolveModel("smollm2-135m-instruct");
  return { "chain-gguf": scratch, chain: llm.model.path, smollm2: dir };
}

/**
 * Runs cases, `jobs` at a time, and says of each what came of it, in the order of the cases. See hostile-run.d.mts.
 */
export async function runCases(cases, options) {
  const results = [];
  const batches = [];
  for (let from = 0; from < cases.length; from += CASES_PER_CHILD) {
    batches.push({ from, cases: cases.slice(from, from + CASES_PER_CHILD) });
  }
  const work = async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      let done = 0;
      while (done < batch.cases.length) {
        for (const result of await runChild(batch.cases.slice(done), options)) {
          results[batch.from + done++] = await confirmed(result, options);
          options.onResult?.(results[batch.from + done - 1]);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return results;
}

/** Whether a case ends its process by itself; memory that an earlier case has spoiled may fail at any later one. */
async function confirmed(result, options) {
  if (result.outcome !== "signal") return result;
  const [alone] = await runChild([result.case], options);
  return { ...result, alone: alone?.outcome === "signal" };
}

/** The results of the first cases: all, or up to the one that ended the child. */
async function runChild(cases, { sources, limitMs }) {
  const scratch = mkdtempSync(join(tmpdir(), "openvino-llm-hostile-"));
  const cache = join(scratch, "cache");
  mkdirSync(cache);
  const child = spawn(
    "sh",
    ["-c", `ulimit -c 0; ulimit -v ${ADDRESS_SPACE_KB}; exec "$0" "$@"`, process.execPath, CHILD],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        OPENVINO_LLM_CACHE: cache,
        OPENVINO_LLM_RUNTIME: locateRuntime().dir,
      },
    },
  );
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let [begun, hangs, stderr] = [-1, false, ""];
  const onHang = () => {
    hangs = true;
    kill();
  };
  let timer = setTimeout(onHang, START_LIMIT_MS);
  child.stderr.setEncoding("utf8").on("data", (chunk) => (stderr = (stderr + chunk).slice(-1000)));
  const results = [];
  createInterface(child.stdout).on("line", (line) => {
    clearTimeout(timer);
    timer = setTimeout(onHang, limitMs);
    const { begin, end, ...result } = JSON.parse(line);
    if (begin !== undefined) begun = begin;
    else results.push({ case: cases[end], ...result, faults: faultsOf(result) });
  });
  child.stdin.on("error", () => undefined); // a child that died early has not read it all
  child.stdin.end(JSON.stringify({ sources, scratch, cases }));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (...ended) => resolve(ended));
  });
  clearTimeout(timer);
  process.off("exit", kill);
  rmSync(scratch, { recursive: true, force: true });
  if (results.length === cases.length && code === 0) return results;
  if (begun !== results.length) {
    const last = results.at(-1)?.case.name ?? "none";
    throw new Error(
      `The child ended with ${signal ?? code} outside of its cases; the last was ${last}:\n${stderr}`,
    );
  }
  const outcome = hangs ? "hang" : "signal";
  return [
    ...results,
    { case: cases[begun], outcome, signal: signal ?? `exit ${code}`, stderr, faults: [outcome] },
  ];
}

/** What is wrong with an error, beside that there is one. */
function faultsOf({ outcome, name, code, message }) {
  if (outcome !== "error") return [];
  return [
    ...(name === "OpenVinoLlmError" ? [] : [`it is no OpenVinoLlmError but ${name}`]),
    ...(/^ERR_(MODEL_LOAD|NATIVE|PROMPT_TOO_LONG|NO_CHAT_TEMPLATE|CHAT_TEMPLATE)$/.test(code)
      ? []
      : [`its code is ${code}`]),
    ...(BUILD_PATH.test(message) ? ["it names a place in a build"] : []),
    ...(message.length > 4000 ? ["it is too long"] : []),
  ];
}
