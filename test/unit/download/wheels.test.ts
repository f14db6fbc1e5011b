import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetchWheel, type ProgressEvent } from "../../../lib/download/wheels.js";
import { sha256OfFile } from "../../../lib/download/sha256.js";
import { writeTinyWheel } from "../../helpers/tiny-wheel.js";

let folder: string;
let links: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-wheels-"));
  links = join(folder, "links");
  vi.stubEnv("PIP_NO_INDEX", "1");
  vi.stubEnv("PIP_FIND_LINKS", links);
  vi.stubEnv("OPENVINO_LLM_CACHE", join(folder, "cache"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

test("a wheel is downloaded into the cache once", async () => {
  const wheel = await writeTinyWheel(links);
  const events: ProgressEvent[] = [];
  const file = await fetchWheel(wheel, { onProgress: (event) => events.push(event) });
  expect(file.startsWith(join(folder, "cache", "downloads"))).toBe(true);
  expect(await sha256OfFile(file)).toBe(wheel.sha256);
  expect(events[0]).toEqual({ step: "download tiny-wheel-for-tests==1.0" });

  await rm(links, { recursive: true });
  expect(await fetchWheel(wheel)).toBe(file);
});

test("a kept wheel that has been damaged is downloaded again", async () => {
  const wheel = await writeTinyWheel(links);
  const file = await fetchWheel(wheel);
  await writeFile(file, "damaged");
  expect(await readFile(await fetchWheel(wheel))).toEqual(await readFile(wheel.path));
});

test("a wheel of the wrong hash never gets into the cache", async () => {
  const wheel = await writeTinyWheel(links);
  const wrong = { ...wheel, sha256: "0".repeat(64) };
  await expect(fetchWheel(wrong)).rejects.toMatchObject({ code: "ERR_DOWNLOAD" });
  await expect(fetchWheel(wrong)).rejects.toMatchObject({ code: "ERR_DOWNLOAD" });
});
