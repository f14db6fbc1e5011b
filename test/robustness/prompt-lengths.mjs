// node prompt-lengths.mjs FOLDER PROPERTIES: prints by how many bytes the resident memory grew for each new prompt length.
import { LLMPipeline } from "../../dist/index.js";

const [, , model, properties] = process.argv;
const LENGTHS = 60;
const llm = await LLMPipeline.load(model, { properties: JSON.parse(properties) });
const options = { maxNewTokens: 1, temperature: 0, ignoreEos: true };

/** @param {number} first */
async function lengthsFrom(first) {
  const before = process.memoryUsage.rss();
  for (let length = first; length < first + LENGTHS; length++) {
    await llm.generate({ tokenIds: Array.from({ length }, (_, i) => (i * 7 + length) % 300) }, options);
  }
  return (process.memoryUsage.rss() - before) / LENGTHS;
}

await lengthsFrom(10);
console.log(await lengthsFrom(10 + LENGTHS));
await llm.close();
