/** Runs cases in child processes, several in each, and finds out which one ended a child. */
import { fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LLMPipeline } from "../../dist/index.js";
import { chainModelContent, writeChainModel } from "../../dist/models/gguf/chain-model.js";
import { writeGguf } from "../../dist/models/gguf/gguf-writer.js";
import { recallingContent } from "../../test/helpers/recalling-content.mjs";
import { ALPHABET, RECALLED, SEEN } from "./cases.mjs";

const CHILD = fileURLToPath(new URL("child.mjs", import.meta.url));
const CASES_PER_CHILD = 25;
const CONTEXT_LENGTH = 8192;

/** The models of the cases, by name, as folders of IR. */
export async function makeModels(folder) {
  const options = { text: ALPHABET, loop: true, contextLength: CONTEXT_LENGTH };
  const path = (name) => {
    mkdirSync(join(folder, name));
    return join(folder, name, "chain.gguf");
  };
  const files = { alphabet: path("alphabet"), backwards: path("backwards"), recalling: path("recalling") };
  await writeChainModel(files.alphabet, options);
  await writeChainModel(files.backwards, { ...options, text: [...ALPHABET].toReversed().join("") });
  const recalling = recallingContent(chainModelContent(options), { seen: SEEN, recalled: RECALLED });
  await writeGguf(files.recalling, recalling);
  const models = {};
  for (const [name, file] of Object.entries(files)) {
    const llm = await LLMPipeline.load(file);
    await llm.close();
    models[name] = llm.model.path;
  }
  return models;
}

/** See run.d.mts. */
export async function runCases(seeds, { models, limitMs, onResult = () => undefined }) {
  const results = [];
  const report = (result) => {
    results.push(result);
    onResult(result);
  };
  let left = [...seeds];
  while (left.length > 0) {
    const some = left.slice(0, CASES_PER_CHILD);
    const { done, ended } = await runChild(some, { models, limitMs }, report);
    left = left.slice(done);
    if (ended === undefined) continue;
    const [seed, ...others] = left;
    left = others;
    // A case that ends no process of its own was the victim of one before it.
    const alone = await runChild([seed], { models, limitMs }, () => undefined);
    const how = alone.ended === undefined ? `${ended} (only after ${some.slice(0, done).join(", ")})` : ended;
    report({ seed, endings: {}, faults: [how] });
  }
  return results;
}

/** How many cases were done, and how the process ended before the next one was, if it did. */
function runChild(seeds, { models, limitMs }, onResult) {
  const child = fork(CHILD, { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let [done, stderr, hung] = [0, "", false];
  const timer = setTimeout(() => ((hung = true), kill()), limitMs);
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr = (stderr + text).slice(-2000)));
  child.on("message", ({ done: seed, endings, faults }) => {
    timer.refresh();
    if (seed === undefined) return;
    done++;
    onResult({ seed, endings, faults });
  });
  child.on("error", () => undefined); // it ended before its cases arrived; "close" follows
  child.send({ seeds, models });
  return new Promise((resolve, reject) => {
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      process.off("exit", kill);
      if (done === seeds.length && code === 0) return resolve({ done });
      const how = hung ? `it hangs for ${limitMs} ms` : `${signal ?? `exit ${code}`} ${stderr}`.trim();
      // Behind its last case it has nothing left to do but to end.
      if (done === seeds.length) return reject(new Error(`The child ended with ${how} after its cases.`));
      resolve({ done, ended: how });
    });
  });
}
