/** Puts a profile where `profile: "auto"` finds it. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { cacheDir } from "../cache/cache.js";
import { OpenVinoLlmError } from "../errors/errors.js";
import { cacheTask, systemError, writing, type WriteTask } from "../errors/system-errors.js";
import { PROFILE_SCHEMA, type Profile } from "./profile.js";
import { profileOf } from "./read-profile.js";

/** Files that are looked at beside a model: one for each processor and objective, or whatever somebody put there. */
export const PROFILE_FILE = /^openvino-llm-profile(?:-[\w.-]{1,100})?\.json$/;

/** Where profiles of a graph are that could not be written beside their model. */
export function profilesDir(graphSha256: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDir(env), "profiles", graphSha256);
}

/** One for each processor and objective: what is measured anew takes the place of what was. */
export function profileFileName({ cpu, objective }: Profile): string {
  const key = createHash("sha256").update(JSON.stringify([cpu, objective]));
  return `openvino-llm-profile-${key.digest("hex").slice(0, 8)}.json`;
}

/**
 * Writes a profile beside its model where that can be written to, else into the cache; whole or not at all.
 *
 * @param modelDir the folder with the model's IR
 * @returns the file
 * @throws (by rejection) OpenVinoLlmError ERR_PROFILE for a value that `readProfile()` would refuse; ERR_DISK_FULL,
 *   ERR_NOT_WRITABLE, ERR_FILE_SYSTEM
 */
export async function writeProfile(
  profile: Profile,
  modelDir: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const name = profileFileName(profile);
  const beside = join(modelDir, name);
  try {
    await writeProfileFile(profile, beside);
    return beside;
  } catch (error) {
    if (!(error instanceof OpenVinoLlmError) || error.code !== "ERR_NOT_WRITABLE") throw error;
  }
  const file = join(profilesDir(profile.model.graphSha256, env), name);
  await writing(cacheTask(dirname(file)), () => mkdir(dirname(file), { recursive: true }));
  await writeProfileFile(profile, file);
  return file;
}

/** The same to a file of one's choice, whose folder exists. */
export async function writeProfileFile(profile: Profile, file: string): Promise<void> {
  const checked = profileOf({ $schema: PROFILE_SCHEMA, ...profile }, basename(file));
  const task: WriteTask = {
    folder: dirname(file),
    purpose: "write a profile",
    elsewhere: "for it",
  };
  const temporary = join(dirname(file), `.${process.pid}-${randomUUID().slice(0, 8)}.json`);
  try {
    await writeFile(temporary, `${JSON.stringify(checked, null, 2)}\n`);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw systemError(error, task);
  }
}
