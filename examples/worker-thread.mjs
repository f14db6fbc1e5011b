// Generates in a worker thread and sends the text to the main thread. The library does its work off the JavaScript
// thread anyway; a worker is for apps that keep all of their model code in one.
//   node examples/worker-thread.mjs ["question" [model]]
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { LLMPipeline } from "openvino-llm";

if (isMainThread) {
  const [question = "What is the capital of France?", model = "smollm2-135m-instruct"] =
    process.argv.slice(2);
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { question, model } });
  worker.on("message", (text) => process.stdout.write(text));
  worker.on("exit", () => process.stdout.write("\n"));
} else {
  const llm = await LLMPipeline.load(workerData.model);
  try {
    const options = { temperature: 0, maxNewTokens: 128 };
    for await (const chunk of llm.stream(workerData.question, options)) parentPort.postMessage(chunk.text);
  } finally {
    await llm.close();
  }
}
