/** The child process of the inference probe: runs a model for a few tokens, while oneDNN logs to stdout. */
import { LLMPipeline } from "../llm-pipeline.js";
import { writeChainModel } from "../models/chain-model.js";
import type { ProbeTask } from "./inference-probe.js";
import { answerParent } from "../kernels/logged-child.js";

async function run({ model, writeModel, device, properties }: ProbeTask): Promise<void> {
  if (writeModel) await writeChainModel(model);
  const llm = await LLMPipeline.load(model, { device, properties });
  try {
    // A prompt of several tokens, then single ones: both have kernels of their own.
    await llm.generate("Hello there, how are you?", { maxNewTokens: 3, ignoreEos: true, temperature: 0 });
  } finally {
    await llm.close();
  }
}

answerParent((task) => run(task as ProbeTask));
