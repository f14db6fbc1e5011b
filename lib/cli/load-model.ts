/** The model of a command: loaded with its progress shown, and described in a line. */
import { LLMPipeline } from "../llm-pipeline.js";
import { resolveModel } from "../models/resolve.js";
import { formatCount, formatSeconds } from "./format.js";
import { propertiesOf, type EngineFlags } from "./generate-flags.js";
import { withProgress } from "./progress.js";
import type { Style } from "./style.js";

export async function loadModel(model: string, flags: EngineFlags): Promise<LLMPipeline> {
  const { kind, name } = await resolveModel(model);
  const title =
    kind === "gguf" ? `Loading ${name} (a GGUF file is converted the first time)` : `Loading ${name}`;
  return withProgress(title, () =>
    LLMPipeline.load(model, {
      device: flags.device,
      properties: propertiesOf(flags),
      warmup: flags.warmup === true,
    }),
  );
}

/** Its name, device and context, and how long the load took. */
export function describeModel({ model, loadMs }: LLMPipeline, isWarm: boolean, style: Style): string {
  const parts = [
    `on ${model.device}`,
    ...(model.contextLength === null ? [] : [`context of ${formatCount(model.contextLength, "token")}`]),
    `loaded in ${formatSeconds(loadMs)}`,
    ...(isWarm ? ["warmed up"] : []),
  ];
  return `${style.strong(model.name)} ${parts.join(", ")}`;
}
