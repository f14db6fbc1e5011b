import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cleanCache, listCache } from "../../../lib/cache/contents.js";
import { cacheLines } from "../../../lib/cli/cache.js";
import { temporaryFolder } from "../../helpers/chain.js";
import { runNode } from "../../helpers/run-node.js";
import { ControlledProcess } from "../../helpers/controlled-process.js";

const PROGRAM = fileURLToPath(new URL("entry-user.mjs", import.meta.url));
const MAIN = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

let cache: string;
let env: NodeJS.ProcessEnv;
let makers: ControlledProcess[];
beforeEach(async () => {
  cache = temporaryFolder();
  env = { OPENVINO_LLM_CACHE: cache };
  makers = [];
  await put("models/small/openvino_model.bin", 1000);
  await put("models/small/deep/file", 20);
  await put("downloads/0123456789abcdef/some.whl", 5000);
  // What lies elsewhere is not the cache's.
  await symlink("/", join(cache, "models", "small", "link"));
});
afterEach(async () => {
  for (const maker of makers) await maker.kill();
});

async function put(path: string, sizeBytes: number): Promise<void> {
  await mkdir(join(cache, path, ".."), { recursive: true });
  await writeFile(join(cache, path), Buffer.alloc(sizeBytes));
}

/** A process that is making an entry. */
async function makerOf(name: string): Promise<ControlledProcess> {
  const maker = new ControlledProcess(PROGRAM, [join(cache, "models", name)]);
  makers.push(maker);
  expect(await maker.ask("hold")).toBe("makes");
  return maker;
}

const models = async () => (await readdir(join(cache, "models"))).sort();

test("every entry is listed with its size and last use, the largest first", async () => {
  const listed = await listCache(env);
  expect(listed.map(({ folder, name }) => `${folder}/${name}`)).toEqual([
    "downloads/0123456789abcdef",
    "models/small",
  ]);
  expect(listed[0]).toMatchObject({ sizeBytes: 5000, isUnfinished: false });
  const [linkBytes, day] = [1, new Date().toISOString().slice(0, 10)];
  expect(listed[1]?.sizeBytes).toBe(1020 + linkBytes);
  expect(listed[1]?.lastUsed?.slice(0, 10)).toBe(day);
  expect(cacheLines(cache, listed)).toEqual([
    `5.00 kB  ${day}  downloads/0123456789abcdef`,
    `1.02 kB  ${day}  models/small`,
    `6.02 kB in ${cache}`,
  ]);
});

test("remembered hashes are one entry, and stay", async () => {
  for (const name of ["1-2.json", "1-3.json"]) await put(`hashes/${name}`, 200);
  const listed = await listCache(env);
  expect(listed.at(-1)).toMatchObject({ folder: "hashes", name: "", sizeBytes: 400 });
  await cleanCache(env);
  expect(await readdir(join(cache, "hashes"))).toHaveLength(2);
});

test("a cache that is not there is empty", async () => {
  expect(await listCache({ OPENVINO_LLM_CACHE: join(cache, "none") })).toEqual([]);
  expect(await cleanCache({ OPENVINO_LLM_CACHE: join(cache, "none") })).toMatchObject({ freedBytes: 0 });
});

test("downloads and what killed processes have left go, models and what is being made stay", async () => {
  await (await makerOf("killed")).kill();
  const living = await makerOf("living");
  const [killed, unfinished] = (await models()).filter((name) => name.endsWith(".tmp"));
  const { removed, inUse, freedBytes } = await cleanCache(env);
  expect(removed.map(({ name }) => name)).toEqual(["0123456789abcdef", killed]);
  expect(inUse.map(({ name }) => name)).toEqual([unfinished]);
  expect(freedBytes).toBe(5000);
  expect(await models()).toEqual([unfinished, "living.lock", "small"]);
  expect(await living.ask("made")).toBe("holds");
});

test("the command lists and cleans", async () => {
  const list = await runNode([MAIN, "cache", "--json"], { env });
  expect(JSON.parse(list.stdout)).toEqual({ dir: cache, entries: await listCache(env) });
  const lines = (await runNode([MAIN, "cache"], { env })).stdout;
  expect(lines).toBe(cacheLines(cache, await listCache(env)).join("\n") + "\n");
  const cleaned = await runNode([MAIN, "cache", "clean"], { env });
  expect(cleaned).toMatchObject({
    code: 0,
    stdout: `removed ${join(cache, "downloads", "0123456789abcdef")}\n5.00 kB freed, 1 folder removed\n`,
  });
  expect(await models()).toEqual(["small"]);
});
