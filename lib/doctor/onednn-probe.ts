/**
 * The child process of the inference probe: runs a model for a few tokens, while oneDNN logs to stdout. Takes a
 * `ProbeTask` as JSON in its argument and answers with a `ProbeAnswer` over the channel to its parent.
 */
import { LLMPipeline } from "../llm-pipeline.js";
import { writeChainModel } from "../models/chain-model.js";
import type { ProbeAnswer, ProbeTask } from "./inference-probe.js";

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

function answer(message: ProbeAnswer): void {
  process.send?.(message, () => process.disconnect());
}

run(JSON.parse(process.argv[2] ?? "{}") as ProbeTask).then(
  () => answer({ error: null }),
  (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
);
