// Loads a model many times and prints, as JSON, the memory after each load and what is left at the end.
// Arguments: model, "close" or "drop", number of loads. Run with --expose-gc.
import { openBinding } from "../../dist/binding.js";
import { LLMPipeline } from "../../dist/index.js";
import { collectGarbage } from "./collect-garbage.mjs";

const [model, ending, loads] = process.argv.slice(2);

async function oneLife() {
  const llm = await LLMPipeline.load(model);
  await llm.generate("hello", { maxNewTokens: 3 });
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
