/** Properties that are not in the load's options: a profile's or a hint's, in this order. */
import { join } from "node:path";

import type { ChosenProperty } from "../engine-guard/guard.js";
import { isaLimitIn } from "../host/isa-variable.js";
import { readWeightFormat } from "../models/ir/weight-format.js";
import { openBinding } from "../native/binding.js";
import { normalizeProperties } from "../options/properties.js";
import { cpuKindOf, hasHints, hintProperties, type PerformanceHint } from "./performance-hints.js";
import type { ProfileObjective, ProfileProperties } from "./profile.js";

/** What properties are chosen for. */
export interface PropertyChoice {
  /** The folder with the model's IR. */
  readonly dir: string;
  readonly device: string;
  /** Those of the load's options, which stay as they are. */
  readonly asked: readonly (readonly [name: string, value: string])[];
  /** Of a profile that holds here. Default none. */
  readonly profile?: ProfileChoice | null | undefined;
  /** Default none. */
  readonly performanceHint?: PerformanceHint | undefined;
}

/** The part of a profile that properties are chosen by. */
export interface ProfileChoice {
  readonly file: string;
  readonly objective: ProfileObjective;
  readonly properties: ProfileProperties;
}

/** Properties that say what others are about, so that who sets one has settled the other. */
const SETTLED_BY: Readonly<Record<string, readonly string[]>> = {
  INFERENCE_PRECISION_HINT: ["EXECUTION_MODE_HINT"],
  DYNAMIC_QUANTIZATION_GROUP_SIZE: ["EXECUTION_MODE_HINT"],
  KV_CACHE_PRECISION: ["KEY_CACHE_PRECISION", "VALUE_CACHE_PRECISION"],
};
const ARITHMETIC = ["INFERENCE_PRECISION_HINT", "DYNAMIC_QUANTIZATION_GROUP_SIZE"];

/**
 * Chooses properties beside those asked for, those of a profile before those of a hint. Only for the device "CPU", of which there is evidence.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_MODEL_LOAD where the model's graph cannot be read
 */
export async function chooseProperties(choice: PropertyChoice): Promise<ChosenProperty[]> {
  const { dir, device, asked, profile, performanceHint } = choice;
  if (device !== "CPU") return [];
  const chosen = profile ? ofProfile(profile, new Set(asked.map(([name]) => name))) : [];
  const settled = new Set([...asked.map(([name]) => name), ...chosen.map(({ name }) => name)]);
  const open = ARITHMETIC.filter((name) => !isSettled(name, settled));
  if (performanceHint === undefined || open.length === 0) return chosen;
  const cpu = cpuKindOf(openBinding().core.cpuFeatures(), isaLimitIn(process.env));
  if (cpu === null || !hasHints(cpu, performanceHint)) return chosen;
  const format = await readWeightFormat(join(dir, "openvino_model.xml"));
  const hint = format && hintProperties(cpu, format, performanceHint);
  if (hint === null) return chosen;
  const reason = `performanceHint "${performanceHint}" for ${hint.about}`;
  const hinted = Object.entries(hint.properties)
    .filter(([name]) => open.includes(name))
    .map(([name, value]) => ({ name, value, from: "performanceHint", reason }) as const);
  return [...chosen, ...hinted];
}

function ofProfile({ file, objective, properties }: ProfileChoice, asked: ReadonlySet<string>) {
  return normalizeProperties(properties)
    .filter(([name]) => !isSettled(name, asked))
    .map(([name, value]): ChosenProperty => {
      return { name, value, from: "profile", reason: `tuned for ${objective}, by the profile ${file}` };
    });
}

function isSettled(name: string, given: ReadonlySet<string>): boolean {
  return given.has(name) || (SETTLED_BY[name] ?? []).some((other) => given.has(other));
}
