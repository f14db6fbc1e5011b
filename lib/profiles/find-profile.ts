/** The profile of a load: a file that was named, or the one beside the model or in the cache that holds here. */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { sha256OfFile } from "../download/sha256.js";
import { codeOf } from "../errors/errors.js";
import type { ProfileChoice } from "./choose-properties.js";
import { misfitsOf, type ProfilePlace } from "./fit.js";
import { profiledCpu, profiledVersions } from "./here.js";
import type { PerformanceHint } from "./performance-hints.js";
import type { Profile, ProfilePipeline } from "./profile.js";
import { readProfile } from "./read-profile.js";
import { warnOfProfile } from "./warning.js";
import { PROFILE_FILE, profilesDir } from "./write-profile.js";

/** The value of the load option that looks for a profile. */
export const AUTO = "auto";

/** A profile and where it was. */
export interface ProfileFile {
  /** Absolute. */
  readonly file: string;
  readonly profile: Profile;
}

/** What is looked for. */
export interface ProfileSearch {
  /** A file, or "auto". */
  readonly profile: string;
  /** The folder with the model's IR. */
  readonly dir: string;
  readonly device: string;
  /** What loads; one for the same is taken first. */
  readonly pipeline: ProfilePipeline;
  /** One of this objective is taken before others. */
  readonly performanceHint?: PerformanceHint | undefined;
}

/** A folder with more of them is none of ours. */
const MAX_FILES = 64;

/**
 * Finds a profile that holds here; null where there is none. Warns of one that does not hold, and of what "auto" finds that
 * is no profile.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_PROFILE for a file that was named and is no profile
 */
export async function findProfile(search: ProfileSearch): Promise<ProfileFile | null> {
  const { dir, device, profile: asked } = search;
  if (asked === AUTO) return device === "CPU" ? findBest(search) : null;
  const file = resolve(asked);
  const profile = await readProfile(file);
  const misfits = device === "CPU" ? misfitsOf(profile, await placeOf(dir)) : [noDevice(device)];
  if (misfits.length === 0) return { file, profile };
  warnOfProfile(notTaken(file, misfits));
  return null;
}

/** What properties are chosen by. */
export function profileChoice({ file, profile: { objective, settings } }: ProfileFile): ProfileChoice {
  return { file, objective, properties: settings.properties };
}

async function findBest(search: ProfileSearch): Promise<ProfileFile | null> {
  const place = await placeOf(search.dir);
  const read = await readAll([search.dir, profilesDir(place.graphSha256)]);
  const judged = read.map((one) => ({ ...one, misfits: misfitsOf(one.profile, place) }));
  const [best] = judged.filter(({ misfits }) => misfits.length === 0).sort((a, b) => rank(b, a, search));
  if (best !== undefined) return { file: best.file, profile: best.profile };
  const [nearest] = judged.sort((a, b) => a.misfits.length - b.misfits.length);
  if (nearest !== undefined) warnOfProfile(notTaken(nearest.file, nearest.misfits));
  return null;
}

/** Above 0 where the first is the better one. */
function rank(a: ProfileFile, b: ProfileFile, { pipeline, performanceHint }: ProfileSearch): number {
  const score = ({ profile }: ProfileFile) =>
    (profile.settings.pipeline === pipeline ? 2 : 0) + (profile.objective === performanceHint ? 1 : 0);
  return score(a) - score(b) || Date.parse(a.profile.created) - Date.parse(b.profile.created);
}

async function placeOf(dir: string): Promise<ProfilePlace> {
  const graphSha256 = await sha256OfFile(join(dir, "openvino_model.xml"));
  return { graphSha256, cpu: await profiledCpu(), versions: profiledVersions() };
}

async function readAll(folders: readonly string[]): Promise<ProfileFile[]> {
  const read: ProfileFile[] = [];
  for (const folder of folders) {
    const names = (await namesIn(folder)).filter((name) => PROFILE_FILE.test(name)).sort();
    for (const name of names.slice(0, MAX_FILES)) {
      const file = join(folder, name);
      const profile = await readProfile(file).catch((error: unknown) => {
        if (codeOf(error) !== "ERR_PROFILE" || !(error instanceof Error)) throw error;
        warnOfProfile(`A profile was passed over. ${error.message}`);
        return null;
      });
      if (profile !== null) read.push({ file, profile });
    }
  }
  return read;
}

/** None in a folder that is not there or cannot be read: a profile is no condition of a load. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function noDevice(device: string): string {
  return `it was measured on the device CPU and this is ${device}`;
}

function notTaken(file: string, misfits: readonly string[]): string {
  return `The profile ${file} does not hold here, so that nothing of it is taken: ${misfits.join("; ")}. Make one with openvino-llm-bench tune.`;
}
