import { mkdir, readFile, readdir, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hashFile } from "../../../lib/download/file-hash.js";
import { temporaryFolder } from "../../helpers/chain.js";

/** SHA-256 of "abc" (the test vector of FIPS 180-4) and of "abd". */
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const ABD = "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9";

let folder: string;
let file: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  folder = temporaryFolder();
  file = join(folder, "file");
  env = { OPENVINO_LLM_CACHE: join(folder, "cache") };
  await writeFile(file, "abc");
  await mkdir(join(folder, "cache"));
});
afterEach(() => vi.useRealTimers());

/** Makes all files old: only those are remembered that have not been changed for two seconds. */
function later(): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
}

const memos = () => readdir(join(folder, "cache", "hashes")).catch(() => []);

/** What is remembered, replaced by something that shows that it was used. */
async function forgeMemo(): Promise<string> {
  const [name = ""] = await memos();
  const memo = join(folder, "cache", "hashes", name);
  const forgedHash = "0".repeat(64);
  await writeFile(memo, (await readFile(memo, "utf8")).replace(ABC, forgedHash));
  return forgedHash;
}

test("a hash is remembered as long as the file is the same, also under another name", async () => {
  later();
  expect(await hashFile(file, { env })).toBe(ABC);
  const forgedHash = await forgeMemo();
  expect(await hashFile(file, { env })).toBe(forgedHash);
  expect(await hashFile(file, { env, rehash: true })).toBe(ABC);
  expect(await hashFile(file, { env })).toBe(ABC);
});

test("a change is seen at the same size, even where the time of modification was put back", async () => {
  await utimes(file, 1_700_000_000, 1_700_000_000);
  later();
  const before = await stat(file);
  expect(await hashFile(file, { env })).toBe(ABC);
  expect(await memos()).toHaveLength(1);
  await writeFile(file, "abd");
  await utimes(file, 1_700_000_000, 1_700_000_000);
  const after = await stat(file);
  expect([after.ino, after.size, after.mtimeMs]).toEqual([before.ino, before.size, before.mtimeMs]);
  expect(await hashFile(file, { env })).toBe(ABD);
});

test("another file in its place is another file", async () => {
  later();
  await hashFile(file, { env });
  await writeFile(join(folder, "other"), "abd");
  await rename(join(folder, "other"), file);
  expect(await hashFile(file, { env })).toBe(ABD);
});

test("a file that was changed within the last two seconds is not remembered", async () => {
  expect(await hashFile(file, { env })).toBe(ABC);
  expect(await memos()).toEqual([]);
});

test("a damaged memo and a cache that cannot be written do no harm", async () => {
  later();
  await hashFile(file, { env });
  const [memo = ""] = await memos();
  for (const text of ["{", "null", '{"sha256":"00"}']) {
    await writeFile(join(folder, "cache", "hashes", memo), text);
    expect(await hashFile(file, { env })).toBe(ABC);
  }
  await mkdir(join(folder, "other"));
  await writeFile(join(folder, "other", "hashes"), "");
  expect(await hashFile(file, { env: { OPENVINO_LLM_CACHE: join(folder, "other") } })).toBe(ABC);
});
