// Loads a model many times and prints, as JSON, the memory after each load and what is left at the end.
// Arguments: model, "close" or "drop", number of loads. Run with --expose-gc.
import { openBinding } from "../../dist/binding.js";
import { LLMPipeline } from "../../dist/index.js";

const [model, ending, loads] = process.argv.slice(2);

async function oneLife() {
  const llm = await LLMPipeline.load(model);
  await llm.generate("hello", { maxNewTokens: 3 });
  if (ending === "close") await llm.close();
}

/** Finalizers run in a task after the collection that found their object. */
async function collect() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const rssBytes = [];
for (let i = 0; i < Number(loads); i++) {
  await oneLife();
  await collect();
  rssBytes.push(process.memoryUsage.rss());
}
const { core } = openBinding();
process.stdout.write(JSON.stringify({ rssBytes, live: core.liveObjects() }));
