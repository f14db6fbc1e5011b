// One trial of this library, see arm.mjs.
// Usage: node ours.mjs < JSON, an object with model, engine ("batching" or "pipeline"), newTokens, levels, and properties
// where they are not the defaults.
import { ContinuousBatchingPipeline, LLMPipeline } from "../../dist/index.js";
import { closedLoop, runArm } from "./arm.mjs";

await runArm(async ({ model, engine, properties }) => {
  const Pipeline = engine === "pipeline" ? LLMPipeline : ContinuousBatchingPipeline;
  const llm = await Pipeline.load(model, properties === undefined ? {} : { properties });
  return {
    settings: {
      properties: llm.properties,
      ...(engine === "pipeline" ? {} : { scheduler: llm.schedulerConfig() }),
    },
    answer: ({ newTokens, ...work }) => {
      const options = { maxNewTokens: newTokens, ignoreEos: true, temperature: 0 };
      return closedLoop(work, async (tokenIds, _, onToken) => {
        for await (const {
          tokenIds: [id],
        } of llm.stream({ tokenIds }, options))
          onToken(id);
      });
    },
    close: () => llm.close(),
  };
});
