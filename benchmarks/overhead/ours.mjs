// One trial of this library, in a process of its own. Prints one JSON object.
// Usage: node ours.mjs JSON, an object with model, newTokens, warmup and prompt (inputs of stream()).
import { LLMPipeline } from "../../dist/index.js";
import { cpuSeconds, peakRssKiB } from "../shared/own-process.mjs";

const { model, newTokens, warmup, prompt } = JSON.parse(process.argv[2] ?? "");
const options = {
  maxNewTokens: newTokens,
  ignoreEos: true,
  temperature: 0,
  ...(typeof prompt === "string" && { applyChatTemplate: false }),
};

const llm = await LLMPipeline.load(model);
try {
  await run(warmup);
  const { arrivedMs, texts, result } = await run(prompt);
  process.stdout.write(
    `${JSON.stringify({
      promptTokens: result.usage.promptTokens,
      tokenIds: result.tokenIds,
      text: result.text,
      arrivedMs,
      firstTextMs: arrivedMs[texts.findIndex((text) => text !== "")],
      lastTextMs: arrivedMs.at(-1),
      genaiTpotMs: result.timing.native?.tpotMs,
      genaiTtftMs: result.timing.native?.ttftMs,
      peakRssKiB: peakRssKiB(),
      cpuSeconds: cpuSeconds(),
    })}\n`,
  );
} finally {
  await llm.close();
}

/** Stamps are taken here, where a caller has the chunk in hand, in milliseconds from the call. */
async function run(input) {
  const arrivedMs = [];
  const texts = [];
  const calledMs = performance.now();
  const stream = llm.stream(input, options);
  for await (const chunk of stream) {
    arrivedMs.push(performance.now() - calledMs);
    texts.push(chunk.text);
  }
  return { arrivedMs, texts, result: await stream.result };
}
