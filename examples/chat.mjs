// Two turns of a conversation, with and without prefix caching: how long until the first token of each?
// An LLMPipeline has the cache by default; here it is switched on and off to show what it gains.
//   node examples/chat.mjs [model]
import { ContinuousBatchingPipeline } from "openvino-llm";

const [model = "smollm2-135m-instruct"] = process.argv.slice(2);

const LOG = Array.from(
  { length: 60 },
  (_, day) =>
    `Day ${day + 1}: high tide at ${(day * 5) % 24} o'clock, ${(day * 7) % 12} boats in the harbour.`,
).join("\n");

for (const enablePrefixCaching of [true, false]) {
  const llm = await ContinuousBatchingPipeline.load(model, {
    scheduler: { enablePrefixCaching },
    warmup: true,
  });
  try {
    const chat = llm.chat({ system: "You keep the log of a harbour.", temperature: 0, maxNewTokens: 32 });
    console.log(`Prefix caching ${enablePrefixCaching ? "on" : "off"}:`);
    for (const question of [`This is the log:\n${LOG}\nWhat is it about?`, "And in three words?"]) {
      const stream = chat.stream(question);
      process.stdout.write("  ");
      for await (const chunk of stream) process.stdout.write(chunk.text.replaceAll("\n", " "));
      const { usage, timing } = await stream.result;
      console.log(
        `\n  ${usage.promptTokens} tokens of prompt, first token after ${timing.ttftMs.toFixed(0)} ms`,
      );
    }
  } finally {
    await llm.close();
  }
}
