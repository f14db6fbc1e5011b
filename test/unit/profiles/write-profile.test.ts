import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Profile } from "../../../lib/profiles/profile.js";
import { readProfile } from "../../../lib/profiles/read-profile.js";
import { PROFILE_FILE, profilesDir, writeProfile } from "../../../lib/profiles/write-profile.js";
import { temporaryFolder } from "../../helpers/chain.js";
import { PROFILE } from "../../helpers/profile.js";

describe("writeProfile", () => {
  it("writes beside the model, by processor and objective, and leaves nothing else there", async () => {
    const folder = temporaryFolder();
    const { $schema: _, ...bare } = PROFILE;
    const first = await writeProfile(bare, folder);
    expect(dirname(first)).toBe(folder);
    expect(basename(first)).toMatch(PROFILE_FILE);
    expect(await readProfile(first)).toEqual(PROFILE);
    const later = { ...PROFILE, created: "2026-11-29T00:00:00Z" };
    expect(await writeProfile(later, folder)).toBe(first);
    expect(await readProfile(first)).toEqual(later);
    const others: Profile[] = [
      { ...PROFILE, objective: "throughput" },
      { ...PROFILE, cpu: { ...PROFILE.cpu, cpus: 16 } },
    ];
    for (const other of others) await writeProfile(other, folder);
    expect(await readdir(folder)).toHaveLength(3);
  });

  it("writes into the cache where the model's folder cannot be written to", async () => {
    const [root, cache] = [temporaryFolder(), temporaryFolder()];
    // Root may write everywhere, but not into what is no folder.
    const folder = join(root, "model");
    await writeFile(folder, "");
    const env = { OPENVINO_LLM_CACHE: cache };
    const file = await writeProfile(PROFILE, folder, env);
    expect(dirname(file)).toBe(profilesDir(PROFILE.model.graphSha256, env));
    expect(await readProfile(file)).toEqual(PROFILE);
  });

  it("reports where neither can be written to, and a folder that is not there", async () => {
    const root = temporaryFolder();
    const file = join(root, "file");
    await writeFile(file, "");
    await expect(writeProfile(PROFILE, file, { OPENVINO_LLM_CACHE: file })).rejects.toMatchObject({
      code: "ERR_NOT_WRITABLE",
    });
    await expect(writeProfile(PROFILE, join(root, "none"))).rejects.toMatchObject({
      code: "ERR_FILE_SYSTEM",
    });
  });

  it("leaves what was there where it fails", async () => {
    const folder = temporaryFolder();
    const file = await writeProfile(PROFILE, folder);
    await rm(file);
    await mkdir(file);
    await chmod(file, 0o700);
    await expect(writeProfile(PROFILE, folder)).rejects.toMatchObject({ code: /^ERR_/ });
    expect(await readdir(folder)).toEqual([basename(file)]);
  });

  it("writes nothing that could not be read", async () => {
    const folder = temporaryFolder();
    const wrong = { ...PROFILE, objective: "speed" } as unknown as Profile;
    await expect(writeProfile(wrong, folder)).rejects.toMatchObject({ code: "ERR_PROFILE" });
    expect(await readdir(folder)).toEqual([]);
  });

  it("ends with a line end and is written for people", async () => {
    const file = await writeProfile(PROFILE, temporaryFolder());
    expect(await readFile(file, "utf8")).toMatch(
      /^\{\n {2}"\$schema": "urn:openvino-llm:profile:1",\n[^]*\}\n$/,
    );
  });
});
