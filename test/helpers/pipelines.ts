import {
  ContinuousBatchingPipeline,
  LLMPipeline,
  type LoadOptions,
  type TextGenerator,
} from "../../lib/index.js";

interface PipelineUnderTest {
  readonly name: string;
  readonly load: (model: string, options?: LoadOptions) => Promise<TextGenerator>;
  /** With one place, so that a second request waits. */
  readonly loadOne: (model: string, options?: LoadOptions) => Promise<TextGenerator>;
}

/** Both pipelines, for tests of what they have in common. */
export const PIPELINES: readonly PipelineUnderTest[] = [
  {
    name: "LLMPipeline",
    load: (model, options) => LLMPipeline.load(model, options),
    loadOne: (model, options) => LLMPipeline.load(model, options),
  },
  {
    name: "ContinuousBatchingPipeline",
    load: (model, options) => ContinuousBatchingPipeline.load(model, options),
    loadOne: (model, options) =>
      ContinuousBatchingPipeline.load(model, { ...options, scheduler: { maxNumSeqs: 1 } }),
  },
];
