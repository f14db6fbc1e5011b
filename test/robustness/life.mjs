// One life of a pipeline, in a process of its own: brings it to a stage, then ends in a way.
// Arguments: class, model, stage, ending, where ("main" or "worker").
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { ContinuousBatchingPipeline, LLMPipeline } from "../../dist/index.js";

const args = isMainThread ? process.argv.slice(2) : workerData;
const [className, model, stage, ending, where] = args;

/** Batching with two slots, so that of three requests one waits. */
const load = () =>
  className === "LLMPipeline"
    ? LLMPipeline.load(model)
    : ContinuousBatchingPipeline.load(model, { scheduler: { maxNumSeqs: 2 } });

/** Each brings a pipeline to its stage and leaves it there. */
const STAGES = {
  async loading() {
    load().catch(() => {});
  },
  async idle() {
    await load();
  },
  async queued() {
    const llm = await load();
    llm.stream("first");
    llm.stream("second");
    llm.generate("third").catch(() => {});
  },
  async prefill() {
    const llm = await load();
    llm.stream("x".repeat(3000));
  },
  async between() {
    const llm = await load();
    const stream = llm.stream("hello");
    for (let i = 0; i < 5; i++) await stream.next();
  },
  async unread() {
    const llm = await load();
    llm.stream("hello");
    await llm.stream("hello", { maxNewTokens: 1 }).result.catch(() => {});
  },
  async tokenizing() {
    const llm = await load();
    for (let i = 0; i < 40; i++) llm.tokenizer.encode("x".repeat(8000)).catch(() => {});
  },
  async closing() {
    const llm = await load();
    llm.stream("hello");
    void llm.close();
  },
  async draining() {
    const llm = await load();
    llm.stream("hello");
    llm.generate("hello").catch(() => {});
    void llm.close({ drainMs: 60_000 });
  },
  async closed() {
    const llm = await load();
    await llm.generate("hello", { maxNewTokens: 2 });
    await llm.close();
  },
};

/** Each ends the process; "return" leaves that to Node. */
const ENDINGS = {
  return() {},
  exit() {
    process.exit(7);
  },
  throw() {
    setImmediate(() => {
      throw new Error("on purpose");
    });
  },
  sigterm() {
    process.kill(process.pid, "SIGTERM");
  },
};

if (isMainThread && where === "worker") {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: args });
  worker.on("message", () => {
    if (ending === "terminate") void worker.terminate();
    process.stdout.write("alive\n");
  });
  worker.on("error", (error) => process.stdout.write(`worker: ${error.message}\n`));
  worker.on("exit", (code) => process.stdout.write(`worker exit ${code}\n`));
} else {
  await STAGES[stage]();
  parentPort?.postMessage("ready");
  if (ending === "terminate")
    parentPort.on("message", () => {}); // stays until it is terminated
  else ENDINGS[ending]();
}
