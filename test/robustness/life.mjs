// One life of a pipeline, in a process of its own: brings it to a stage, then ends in a way.
// Arguments: model, stage, ending, where ("main" or "worker").
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { LLMPipeline } from "../../dist/index.js";

const [model, stage, ending, where] = isMainThread ? process.argv.slice(2) : workerData;

/** Each brings a pipeline to its stage and leaves it there. */
const STAGES = {
  async loading() {
    LLMPipeline.load(model).catch(() => {});
  },
  async idle() {
    await LLMPipeline.load(model);
  },
  async queued() {
    const llm = await LLMPipeline.load(model);
    llm.stream("first");
    llm.stream("second");
    llm.generate("third").catch(() => {});
  },
  async prefill() {
    const llm = await LLMPipeline.load(model);
    llm.stream("x".repeat(3000));
  },
  async between() {
    const llm = await LLMPipeline.load(model);
    const stream = llm.stream("hello");
    for (let i = 0; i < 5; i++) await stream.next();
  },
  async unread() {
    const llm = await LLMPipeline.load(model);
    llm.stream("hello");
    await llm.stream("hello", { maxNewTokens: 1 }).result.catch(() => {});
  },
  async closing() {
    const llm = await LLMPipeline.load(model);
    llm.stream("hello");
    void llm.close();
  },
  async closed() {
    const llm = await LLMPipeline.load(model);
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
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: [model, stage, ending, where] });
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
