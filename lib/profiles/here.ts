/** What a profile has to fit: this process's processor, its versions, and a model. */
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { sha256OfFile } from "../download/sha256.js";
import { askPlugin, type PluginSettings } from "../engine-guard/plugin-settings.js";
import { readCgroupLimits, type ReadText } from "../host/cgroup.js";
import { parseCpuInfo } from "../host/cpu-info.js";
import { isaLimitIn } from "../host/isa-variable.js";
import { readWeightFormat, weightFormatText } from "../models/ir/weight-format.js";
import { openBinding } from "../native/binding.js";
import { packageVersion } from "../runtime/package-version.js";
import { EXPECTED_BUILDS } from "../runtime/pins.js";
import type { ProfileCpu, ProfileModel, ProfileVersions } from "./profile.js";

/** Instruction sets that matter to inference, as Linux names them, and what oneDNN must be allowed for each. */
const INSTRUCTION_SETS: Readonly<Record<string, keyof PluginSettings["instructions"] | null>> = {
  avx2: null,
  avx_vnni: "vnni",
  avx512f: null,
  avx512bw: null,
  avx512_vnni: "vnni",
  avx512_bf16: "bf16",
  avx512_fp16: "bf16",
  amx_tile: "amx",
  amx_int8: "amx",
  amx_bf16: "amx",
  amx_fp16: "amxFp16",
};

/** The processor as this process may use it, under ONEDNN_MAX_CPU_ISA too. */
export async function profiledCpu(): Promise<ProfileCpu> {
  return cpuOf(await allowedInstructions(), readText, availableParallelism());
}

/** What oneDNN may use. Asking the plugin takes tens of milliseconds, and there is need for it only under a limit. */
async function allowedInstructions(): Promise<PluginSettings["instructions"]> {
  if (isaLimitIn(process.env) !== null) return (await askPlugin([], new Map())).instructions;
  const amx = openBinding().core.cpuFeatures().amxPermitted;
  return { vnni: true, bf16: true, amx, amxFp16: amx };
}

/** The same of what Linux says. Pure but for `read`. */
export function cpuOf(
  instructions: PluginSettings["instructions"],
  read: ReadText,
  affinity: number,
): ProfileCpu {
  const { model, familyNumber, modelNumber, flags } = parseCpuInfo(read("/proc/cpuinfo") ?? "");
  const { cpuQuota } = readCgroupLimits(read);
  return {
    modelName: model,
    family: familyNumber,
    model: modelNumber,
    instructionSets: Object.entries(INSTRUCTION_SETS).flatMap(([name, needed]) =>
      flags.has(name) && (needed === null || instructions[needed]) ? [name] : [],
    ),
    cpus: Math.max(1, Math.min(affinity, Math.ceil(cpuQuota ?? affinity))),
  };
}

/** The versions that run a model here. */
export function profiledVersions(): ProfileVersions {
  const { openvino, genai } = EXPECTED_BUILDS;
  return { openvinoLlm: packageVersion(), openvino, openvinoGenai: genai };
}

/** A model of a folder with OpenVINO IR. */
export async function profiledModel({
  dir,
  name,
}: {
  readonly dir: string;
  readonly name: string;
}): Promise<ProfileModel> {
  const graph = join(dir, "openvino_model.xml");
  return {
    name,
    graphSha256: await sha256OfFile(graph),
    weightsBytes: (await stat(join(dir, "openvino_model.bin"))).size,
    weightFormat: weightFormatText(await readWeightFormat(graph)),
  };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
