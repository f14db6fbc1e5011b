// Streams an answer to the terminal, then says how long it took.
//   node examples/stream.mjs ["question" [model]]
import { LLMPipeline } from "openvino-llm";

const [question = "What is the capital of France?", model = "smollm2-135m-instruct"] = process.argv.slice(2);

const llm = await LLMPipeline.load(model, { warmup: true });
try {
  const stream = llm.stream(question, { temperature: 0, maxNewTokens: 128 });
  for await (const chunk of stream) process.stdout.write(chunk.text);
  const { usage, timing } = await stream.result;
  const { ttftMs, decodeTokensPerSecond } = timing;
  console.log(`\n\n${usage.completionTokens} tokens, first after ${ttftMs.toFixed(0)} ms`);
  if (decodeTokensPerSecond !== null) console.log(`then ${decodeTokensPerSecond.toFixed(1)} tokens/s`);
} finally {
  await llm.close();
}
