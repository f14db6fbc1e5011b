// Loads a model many times and prints, as JSON, the memory after each load and what is left at the end.
// Arguments: class, model, "close" or "drop", number of loads. Run with --expose-gc.
import { openBinding } from "../../dist/binding.js";
import { ContinuousBatchingPipeline, LLMPipeline } from "../../dist/index.js";
import { collectGarbage } from "./collect-garbage.mjs";

const [className, model, ending, loads] = process.argv.slice(2);
const Pipeline = { ContinuousBatchingPipeline, LLMPipeline }[className];

async function oneLife() {
  const llm = await Pipeline.load(model);
  await Promise.all([1, 2, 3].map((maxNewTokens) => llm.generate("hello", { maxNewTokens })));
  if (ending === "close") await llm.close();
}

const rssBytes = [];
for (let i = 0; i < Number(loads); i++) {
  await oneLife();
  await collectGarbage();
  rssBytes.push(process.memoryUsage.rss());
}
const { core } = openBinding();
process.stdout.write(JSON.stringify({ rssBytes, live: core.liveObjects() }));
