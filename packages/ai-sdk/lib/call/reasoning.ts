/** How much to think, as chat templates have it. */
import type { ReasoningEffort } from "../spec/language.js";
import type { Warning } from "../spec/shared.js";

/** What `reasoning_effort` of gpt-oss and its like may be. */
const EFFORTS: Readonly<Record<ReasoningEffort, string>> = {
  "provider-default": "medium",
  none: "low",
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
};

/** Variables for a chat template that knows them; a warning where it knows none. */
export function reasoningContext(
  effort: ReasoningEffort | undefined,
  chatTemplate: string | null,
  warnings: Warning[],
): Record<string, unknown> {
  if (effort === undefined || effort === "provider-default") return {};
  const variables: Record<string, unknown> = {};
  if (chatTemplate?.includes("enable_thinking") === true) variables["enable_thinking"] = effort !== "none";
  if (chatTemplate?.includes("reasoning_effort") === true) {
    const passed = EFFORTS[effort];
    variables["reasoning_effort"] = passed;
    if (passed !== effort) {
      warnings.push({
        type: "compatibility",
        feature: "reasoning",
        details: `The model gets "${passed}" for "${effort}".`,
      });
    }
  }
  if (Object.keys(variables).length === 0) {
    warnings.push({
      type: "unsupported",
      feature: "reasoning",
      details: "The model's chat template has neither enable_thinking nor reasoning_effort.",
    });
  }
  return variables;
}
