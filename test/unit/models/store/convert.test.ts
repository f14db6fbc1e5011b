import {
  lstat,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeChainModel } from "../../../../lib/models/gguf/chain-model.js";
import { convertGguf } from "../../../../lib/models/store/convert.js";
import { IR_FILES, missingIrFiles } from "../../../../lib/models/ir/ir-files.js";
import { readManifest, writeManifest } from "../../../../lib/models/files/manifest.js";
import { EXPECTED_BUILDS } from "../../../../lib/runtime/pins.js";
import { sha256OfFile } from "../../../../lib/download/sha256.js";

let folder: string;
let env: NodeJS.ProcessEnv;
let gguf: string;
let links: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-convert-"));
  env = { OPENVINO_LLM_CACHE: join(folder, "cache") };
  gguf = join(folder, "chain.gguf");
  links = [];
  await writeChainModel(gguf, { contextLength: 64 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Stands for GenAI, which writes the IR beside the file that it loads. */
async function writeIr(link: string): Promise<void> {
  links.push(link);
  for (const file of IR_FILES)
    await writeFile(join(dirname(link), file), `of ${basename(await readlink(link))}`);
}

test("a file is converted beside a link to it, into an entry that is named by its hash", async () => {
  const dir = await convertGguf(
    gguf,
    async (link) => {
      expect((await lstat(link)).isSymbolicLink()).toBe(true);
      expect(link).toMatch(/\.gguf$/);
      expect(await sha256OfFile(link)).toBe(await sha256OfFile(gguf));
      await writeIr(link);
    },
    env,
  );
  expect(dir).toBe(join(folder, "cache", "gguf", await sha256OfFile(gguf)));
  expect((await readdir(dir)).sort()).toEqual([...IR_FILES, "manifest.json"].sort());
  expect(await readdir(folder)).not.toContain(IR_FILES[0]);
});

test("the manifest keeps what the IR has lost", async () => {
  const manifest = await readManifest(await convertGguf(gguf, writeIr, env));
  expect(manifest).toMatchObject({
    name: "chain",
    source: { file: "chain.gguf", sha256: await sha256OfFile(gguf), sizeBytes: (await lstat(gguf)).size },
    architecture: "llama",
    contextLength: 64,
    vocabSize: 288,
    eosTokenId: 287,
    tools: EXPECTED_BUILDS,
  });
  expect(Number.isNaN(Date.parse(manifest?.created ?? ""))).toBe(false);
});

test("a second call converts nothing, nor does one for a copy under another name", async () => {
  const dir = await convertGguf(gguf, writeIr, env);
  expect(await convertGguf(gguf, writeIr, env)).toBe(dir);
  const renamed = join(folder, "other.gguf");
  await rename(gguf, renamed);
  expect(await convertGguf(renamed, writeIr, env)).toBe(dir);
  expect(links).toHaveLength(1);
});

test("calls at once convert once", async () => {
  const dirs = await Promise.all([1, 2, 3].map(() => convertGguf(gguf, writeIr, env)));
  expect(new Set(dirs).size).toBe(1);
  expect(links).toHaveLength(1);
});

test("a relative path and a link lead to the same entry", async () => {
  const dir = await convertGguf(relative(process.cwd(), gguf), writeIr, env);
  const link = join(folder, "link.gguf");
  await symlink(gguf, link);
  expect(await convertGguf(link, writeIr, env)).toBe(dir);
  expect(await missingIrFiles(dir)).toEqual([]);
});

test("another content under the same path is converted anew", async () => {
  const dir = await convertGguf(gguf, writeIr, env);
  await writeChainModel(gguf, { contextLength: 128 });
  const other = await convertGguf(gguf, writeIr, env);
  expect(other).not.toBe(dir);
  expect(await readManifest(other)).toMatchObject({ contextLength: 128 });
});

test("an entry that lost a file is made again, and so is one by another GenAI", async () => {
  const dir = await convertGguf(gguf, writeIr, env);
  await rm(join(dir, "openvino_tokenizer.xml"));
  await convertGguf(gguf, writeIr, env);
  expect(await missingIrFiles(dir)).toEqual([]);
  expect(links).toHaveLength(2);

  const manifest = await readManifest(dir);
  if (manifest === null) throw new Error("expected a manifest");
  await writeManifest(dir, { ...manifest, tools: { genai: "2020.1" } });
  await convertGguf(gguf, writeIr, env);
  expect(links).toHaveLength(3);
});

test("a conversion that fails leaves nothing behind and throws its own error", async () => {
  const failure = new Error("out of memory");
  const fail = async (link: string) => {
    await writeIr(link);
    throw failure;
  };
  await expect(convertGguf(gguf, fail, env)).rejects.toBe(failure);
  expect(await readdir(join(folder, "cache", "gguf"))).toEqual([]);
});

test("a conversion that writes only part of the files is refused", async () => {
  const part = (link: string) => writeFile(join(dirname(link), "openvino_model.xml"), "x");
  await expect(convertGguf(gguf, part, env)).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
    message: expect.stringMatching(/did not write .*openvino_model\.bin/),
  });
  expect(await readdir(join(folder, "cache", "gguf"))).toEqual([]);
});

test("a file that changes while it is converted is refused", async () => {
  const change = async (link: string) => {
    await writeIr(link);
    await writeChainModel(gguf, { contextLength: 128 });
  };
  await expect(convertGguf(gguf, change, env)).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
    message: expect.stringContaining("changed while it was converted"),
  });
});

test("a file that fails the checks is not handed on", async () => {
  const text = join(folder, "text.gguf");
  await writeFile(text, "Hello");
  await expect(convertGguf(text, writeIr, env)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
  await expect(convertGguf(join(folder, "none.gguf"), writeIr, env)).rejects.toMatchObject({
    code: "ERR_MODEL_NOT_FOUND",
  });
  const bytes = await readFile(gguf);
  await writeFile(gguf, bytes.subarray(0, bytes.length - 1));
  await expect(convertGguf(gguf, writeIr, env)).rejects.toThrow("truncated");
  expect(links).toEqual([]);
});
