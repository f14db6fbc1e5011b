// Loads a model many times and prints, as JSON, the memory after each load and what is left at the end.
// Arguments: class, model, "close" or "drop", number of loads. Run with --expose-gc.
import { openBinding } from "../../dist/native/binding.js";
import {
  ContinuousBatchingPipeline,
  LLMPipeline,
  TextEmbeddingPipeline,
  TextRerankPipeline,
} from "../../dist/index.js";
import { collectGarbage } from "./collect-garbage.mjs";

const [className, model, ending, loads] = process.argv.slice(2);
const Pipeline = { ContinuousBatchingPipeline, LLMPipeline, TextEmbeddingPipeline, TextRerankPipeline }[
  className
];

async function oneLife() {
  const pipeline = await Pipeline.load(model);
  await Promise.all([1, 2, 3].map((count) => use(pipeline, count)));
  if (ending === "close") await pipeline.close();
}

function use(pipeline, count) {
  if (pipeline instanceof TextEmbeddingPipeline) return pipeline.embedQuery("hello ".repeat(count));
  if (pipeline instanceof TextRerankPipeline) return pipeline.rerank("hello", ["hello ".repeat(count)]);
  return pipeline.generate("hello", { maxNewTokens: count });
}

const rssBytes = [];
for (let i = 0; i < Number(loads); i++) {
  await oneLife();
  await collectGarbage();
  rssBytes.push(process.memoryUsage.rss());
}
const { core } = openBinding();
process.stdout.write(JSON.stringify({ rssBytes, live: core.liveObjects() }));
