/** The child process of the inference probe: makes the tiny model and generates a few tokens with it. */
import { answerParent } from "../host/kernels/logged-child.js";
import { LLMPipeline } from "../pipelines/llm-pipeline.js";
import { writeChainModel } from "../models/gguf/chain-model.js";
import type { ProbeAnswer, ProbeTask } from "./inference-probe.js";

async function run({ model, properties }: ProbeTask): Promise<ProbeAnswer> {
  await writeChainModel(model);
  const llm = await LLMPipeline.load(model, { properties });
  try {
    // A prompt of several tokens, then single ones: both have kernels of their own.
    await llm.generate("Hello there, how are you?", { maxNewTokens: 3, ignoreEos: true, temperature: 0 });
    return { path: llm.model.path, corrections: llm.properties.corrections };
  } finally {
    await llm.close();
  }
}

answerParent((task) => run(task as ProbeTask));
