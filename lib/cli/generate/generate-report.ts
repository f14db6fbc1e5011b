import type { GenerationOptions } from "../../options/generation-options.js";
import type { ResolvedGenerationConfig } from "../../options/generation-config.js";
import type { GenerationResult } from "../../generation/generation-result.js";
import type { LLMPipeline } from "../../pipelines/llm-pipeline.js";
import type { LoadedModel } from "../../generation/generation-model.js";
import type { ChosenProperty } from "../../engine-guard/guard.js";
import type { AppliedProfile } from "../../profiles/profile.js";
import type { Properties } from "../../options/properties.js";
import type { ProcessorStats } from "./stats.js";

/** What `generate --json` prints: the result, and what it was made with. */
export interface GenerateReport extends GenerationResult {
  readonly pipeline: LoadedModel & {
    readonly loadMs: number;
    /** Two tokens were generated before. */
    readonly warmup: boolean;
    readonly properties: Properties;
    /** Properties that a profile or a hint set. */
    readonly chosenProperties: readonly ChosenProperty[];
    readonly profile: AppliedProfile | null;
    readonly generationConfig: ResolvedGenerationConfig;
  };
  /** With `--stats`, except where the answer was interrupted. */
  readonly processor?: ProcessorStats;
}

/** What a report says beside the result. */
export interface ReportFacts {
  readonly llm: Pick<LLMPipeline, "model" | "loadMs" | "generationConfig" | "profile" | "properties">;
  readonly isWarm: boolean;
  readonly properties: Properties;
  readonly options: GenerationOptions;
  readonly processor: ProcessorStats | undefined;
}

export function generateReport(result: GenerationResult, facts: ReportFacts): GenerateReport {
  const { llm, isWarm, properties, options, processor } = facts;
  const generationConfig = llm.generationConfig(options);
  return {
    ...result,
    pipeline: {
      ...llm.model,
      loadMs: llm.loadMs,
      warmup: isWarm,
      properties,
      chosenProperties: llm.properties.chosen,
      profile: llm.profile,
      generationConfig,
    },
    ...(processor === undefined ? {} : { processor }),
  };
}

/** The report as JSON, with a line end. */
export function reportJson(report: GenerateReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
