/** The model of a command: loaded with its progress shown, and described in a line. */
import { holderText, type CacheHolder } from "../../cache/process-name.js";
import { LLMPipeline } from "../../pipelines/llm-pipeline.js";
import { convertGguf } from "../../models/store/convert.js";
import { resolveModel } from "../../models/store/resolve.js";
import { convertGgufNative } from "../../native/native-convert.js";
import { formatCount, formatSeconds } from "../terminal/format.js";
import { propertiesOf, type EngineFlags } from "./generate-flags.js";
import { withProgress } from "../terminal/progress.js";
import type { Style } from "../terminal/style.js";

export async function loadModel(model: string, flags: EngineFlags): Promise<LLMPipeline> {
  const resolved = await resolveModel(model);
  const { name } = resolved;
  if (resolved.kind === "gguf") {
    await withProgress(`Reading ${name} (a GGUF file is converted the first time)`, () =>
      convertGguf(resolved.path, convertGgufNative, process.env, { onWait: reportWait }),
    );
  }
  return withProgress(`Loading ${name}`, () =>
    LLMPipeline.load(model, {
      device: flags.device,
      properties: propertiesOf(flags),
      profile: flags.profile,
      performanceHint: flags.performanceHint,
      warmup: flags.warmup === true,
    }),
  );
}

function reportWait(holder: CacheHolder): void {
  process.stderr.write(`Waiting for ${holderText(holder)}, which converts the same file\n`);
}

/** Its name, device and context, and how long the load took. */
export function describeModel(
  { model, loadMs, profile }: LLMPipeline,
  isWarm: boolean,
  style: Style,
): string {
  const parts = [
    `on ${model.device}`,
    ...(model.contextLength === null ? [] : [`context of ${formatCount(model.contextLength, "token")}`]),
    `loaded in ${formatSeconds(loadMs)}`,
    ...(isWarm ? ["warmed up"] : []),
    ...(profile === null ? [] : [`profile ${profile.file} (${profile.objective})`]),
  ];
  return `${style.strong(model.name)} ${parts.join(", ")}`;
}
