import type { Profile, ProfileSettings } from "../../lib/profiles/profile.js";
import { profiledCpu, profiledModel, profiledVersions } from "../../lib/profiles/here.js";
import { PROFILE } from "./profile.js";

/** A profile that holds on this processor, for the model in a folder with IR. */
export async function profileHere(dir: string, settings: ProfileSettings): Promise<Profile> {
  return {
    ...PROFILE,
    model: await profiledModel({ dir, name: "here" }),
    cpu: await profiledCpu(),
    versions: profiledVersions(),
    settings,
  };
}
