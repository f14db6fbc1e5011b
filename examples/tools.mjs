// A model calls a tool, gets its result and goes on. The first call is enforced, because small models seldom call by
// themselves; drop toolChoice for a model that was trained for tools.
//   node examples/tools.mjs [question] [model]
import { defineTool, LLMPipeline, runTools } from "openvino-llm";

const [question = "How many days are there until 2030?", model = "smollm2-135m-instruct"] =
  process.argv.slice(2);

const daysUntil = defineTool({
  name: "days_until",
  description: "The number of days from today to the first of January of a year",
  parameters: {
    type: "object",
    properties: { year: { type: "integer", enum: [2030, 2040, 2050] } },
    required: ["year"],
  },
  execute: ({ year }) => Math.ceil((Date.UTC(year, 0, 1) - Date.now()) / 86_400_000),
});

const llm = await LLMPipeline.load(model);
try {
  const run = runTools(llm, [{ role: "user", content: question }], {
    tools: [daysUntil],
    toolChoice: { name: "days_until" },
    temperature: 0,
    maxNewTokens: 128,
    maxSteps: 2,
  });
  for await (const part of run) {
    if (part.type === "text") process.stdout.write(part.text);
    if (part.type === "tool-call") console.log(`calls ${part.name} with ${part.argumentsText}`);
    if (part.type === "tool-result") console.log(`gets ${JSON.stringify(part.output)}`);
  }
  console.log();
} finally {
  await llm.close();
}
