/** Whether a profile holds here. Pure. */
import type { Profile, ProfileCpu, ProfileVersions } from "./profile.js";

/** What a profile must fit. */
export interface ProfilePlace {
  /** SHA-256 of the model's `openvino_model.xml`. */
  readonly graphSha256: string;
  readonly cpu: ProfileCpu;
  readonly versions: ProfileVersions;
}

type Known = string | number | null;

/** Why a profile does not hold: a clause for each field that is another. None where it holds. */
export function misfitsOf(profile: Profile, { graphSha256, cpu, versions }: ProfilePlace): string[] {
  const { model, cpu: measured, versions: then } = profile;
  const differ = (what: string, was: Known, is: Known): string[] =>
    was === is ? [] : [`it was measured with ${what} ${text(was)} and this is ${text(is)}`];
  return [
    ...(model.graphSha256 === graphSha256 ? [] : [`it was measured on another graph, that of ${model.name}`]),
    ...differ("the processor", measured.modelName, cpu.modelName),
    ...differ("processor family", measured.family, cpu.family),
    ...differ("processor model", measured.model, cpu.model),
    ...differ("the instruction sets", sorted(measured.instructionSets), sorted(cpu.instructionSets)),
    ...differ("this number of CPUs:", measured.cpus, cpu.cpus),
    ...differ("OpenVINO", then.openvino, versions.openvino),
    ...differ("OpenVINO GenAI", then.openvinoGenai, versions.openvinoGenai),
  ];
}

function sorted(names: readonly string[]): string {
  return [...new Set(names)].sort().join(" ");
}

function text(value: Known): string {
  return value === null ? "unknown" : String(value);
}
