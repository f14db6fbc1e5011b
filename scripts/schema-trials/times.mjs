// How long the engine takes for the grammars of ten schemas, with a model's vocabulary.
import { cpus } from "node:os";
import { LLMPipeline } from "../../dist/index.js";
import { EVERYDAY, jsonSchemaOf } from "../../test/helpers/everyday-schemas.mjs";

/** The engine's own compiler, which a style of a structural tag leaves a schema to. */
const byEngine = (schema) => ({
  type: "structural_tag",
  value: { type: "structural_tag", format: { type: "json_schema", json_schema: schema, style: "json" } },
});

export async function printTimes(model) {
  const llm = await LLMPipeline.load(model);
  const ask = async (responseFormat) => {
    const prompt = [{ role: "user", content: "Give an example answer as JSON." }];
    const options = { responseFormat, temperature: 0, maxNewTokens: 60, repetitionPenalty: 1.1 };
    const { timing } = await llm
      .generate(prompt, options)
      .catch((error) => ({ timing: error.partial?.timing }));
    if (timing === undefined) return "failed";
    const perToken = timing.tokensPerSecond === null ? "–" : (1000 / timing.tokensPerSecond).toFixed(1);
    return `${timing.grammarMs?.toFixed(0) ?? "–"} ms, then ${perToken} ms a token`;
  };
  await ask({ type: "regex", value: "[a-z]{3}" }); // the compiler itself takes some time once
  process.stdout.write(`${cpus()[0]?.model}, ${model}\nno grammar: ${await ask(undefined)}\n`);
  for (const name of Object.keys(EVERYDAY)) {
    const schema = jsonSchemaOf(name);
    const theirs = await ask(byEngine(schema));
    process.stdout.write(`${name}: GenAI's ${theirs}; ours ${await ask({ type: "json", schema })}\n`);
  }
  await llm.close();
}
