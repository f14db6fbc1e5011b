// One life of an embedding or rerank pipeline, in a process of its own: brings it to a stage, then ends in a way.
// Arguments: class, model, stage, ending, where ("main" or "worker").
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { TextEmbeddingPipeline, TextRerankPipeline } from "../../dist/index.js";

const args = isMainThread ? process.argv.slice(2) : workerData;
const [className, model, stage, ending, where] = args;

/** So many that they are not done before the end. */
const TEXTS = Array.from({ length: 50_000 }, (_, i) => `number ${i} `.repeat(8));

const load = () => ({ TextEmbeddingPipeline, TextRerankPipeline })[className].load(model);
const run = (pipeline) =>
  pipeline instanceof TextEmbeddingPipeline ? pipeline.embedDocuments(TEXTS) : pipeline.rerank("x", TEXTS);

const STAGES = {
  async loading() {
    load().catch(() => {});
  },
  async idle() {
    await load();
  },
  async running() {
    const pipeline = await load();
    run(pipeline).catch(() => {});
    run(pipeline).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
  },
  async closing() {
    const pipeline = await load();
    run(pipeline).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    void pipeline.close();
  },
};

/** "return" leaves the end to Node, which waits for what runs. */
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
};

if (isMainThread && where === "worker") {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: args });
  worker.on("message", () => void worker.terminate());
  worker.on("exit", (code) => process.stdout.write(`worker exit ${code}\n`));
} else {
  await STAGES[stage]();
  if (ending === "terminate") {
    parentPort.on("message", () => {}); // stays until it is terminated
    parentPort.postMessage("ready");
  } else ENDINGS[ending]();
}
