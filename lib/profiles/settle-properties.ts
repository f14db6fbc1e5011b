/** All properties that a model which generates text gets: those requested and those chosen beside them, guarded. */
import { guardProperties, type GuardedProperties, type GuardRequest } from "../engine-guard/guard.js";
import { chooseProperties, type ProfileChoice } from "./choose-properties.js";
import type { PerformanceHint } from "./performance-hints.js";

/** A model, and the properties of its load. */
export interface PropertiesRequest extends Pick<
  GuardRequest,
  "dir" | "device" | "properties" | "runtimeOptions"
> {
  /** Of a profile that holds here. Default none. */
  readonly profile?: ProfileChoice | null | undefined;
  /** Default none. */
  readonly performanceHint?: PerformanceHint | undefined;
}

/** @throws (by rejection) OpenVinoLlmError ERR_ENGINE_FAULT, ERR_MODEL_LOAD */
export async function settleProperties(request: PropertiesRequest): Promise<GuardedProperties> {
  const { dir, device, properties, runtimeOptions, profile, performanceHint } = request;
  const choice = { dir, device, asked: properties, profile, performanceHint };
  const chosen = await chooseProperties(choice);
  return guardProperties({ dir, device, properties, chosen, runtimeOptions, kind: "generator" });
}
