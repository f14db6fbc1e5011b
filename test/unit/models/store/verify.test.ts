import { cp, mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, test, vi } from "vitest";
import { writeChainModel } from "../../../../lib/models/gguf/chain-model.js";
import { convertGguf } from "../../../../lib/models/store/convert.js";
import { IR_FILES } from "../../../../lib/models/ir/ir-files.js";
import { verifyModel, verifyModels } from "../../../../lib/models/store/verify.js";
import { temporaryFolder } from "../../../helpers/chain.js";
import { runNode } from "../../../helpers/run-node.js";

const MAIN = fileURLToPath(new URL("../../../../dist/cli/main.js", import.meta.url));

let cache: string;
let gguf: string;
let dir: string;
beforeEach(async () => {
  const folder = temporaryFolder();
  cache = join(folder, "cache");
  vi.stubEnv("OPENVINO_LLM_CACHE", cache);
  gguf = join(folder, "chain.gguf");
  await writeChainModel(gguf);
  const conversion = await convertGguf(gguf, async (link) => {
    for (const file of IR_FILES) await writeFile(join(dirname(link), file), `this is ${file}`);
  });
  dir = join(cache, "models", "tiny");
  await cp(conversion, dir, { recursive: true });
});

/** Turns a byte around, and puts the time of modification back. */
async function damage(name: string): Promise<void> {
  const file = join(dir, name);
  const { atime, mtime } = await stat(file);
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(bytes[0] === 1 ? 2 : 1, 0, 1));
  await utimes(file, atime, mtime);
}

test("a model is intact, damaged or unknown, by name and by path", async () => {
  const intact = { name: "tiny", path: dir, status: "intact", problems: [], fileCount: IR_FILES.length };
  expect(await verifyModel("tiny")).toMatchObject(intact);
  expect(await verifyModel(dir)).toMatchObject(intact);
  expect((await verifyModels()).map(({ name, status }) => [name, status])).toEqual([
    ["tiny", "intact"],
    ["chain", "intact"],
  ]);
  expect(await verifyModel(gguf)).toMatchObject({ name: "chain", path: gguf, status: "unknown" });
  await rm(join(dir, "manifest.json"));
  expect(await verifyModel("tiny")).toMatchObject({ status: "unknown", problems: [] });
  await expect(verifyModel("none")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
});

test("a file that was altered at equal size with its time put back, one cut short and one that is missing are named", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
  // Their hashes are remembered from here on.
  expect(await verifyModel("tiny")).toMatchObject({ status: "intact" });
  await damage("openvino_model.bin");
  await writeFile(join(dir, "openvino_tokenizer.bin"), "");
  await rm(join(dir, "openvino_detokenizer.xml"));
  expect(await verifyModel("tiny")).toMatchObject({
    status: "damaged",
    problems: [
      "openvino_detokenizer.xml is missing",
      "openvino_model.bin has another sha256 than expected",
      expect.stringMatching(/^openvino_tokenizer\.bin has 0 bytes, expected \d+$/),
    ],
  });
  vi.useRealTimers();
});

test("a manifest that is broken, or names files outside the folder, is a problem", async () => {
  const file = join(dir, "manifest.json");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("openvino_model.bin", "../../chain.gguf"));
  expect(await verifyModel("tiny")).toMatchObject({ status: "damaged" });
  await writeFile(file, "{");
  expect(await verifyModel("tiny")).toMatchObject({ status: "damaged", fileCount: 0 });
});

test("the command says what it found and ends with 1 where something differs", async () => {
  const env = { OPENVINO_LLM_CACHE: cache };
  await mkdir(join(cache, "models", "foreign"));
  const run = await runNode([MAIN, "models", "verify"], { env });
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.stdout).toMatch(
    /^foreign: no manifest .*\ntiny: 6 files, \d+\.\d kB, as they were made\nchain: 6 files, .*\n$/,
  );
  await damage("openvino_model.bin");
  const damaged = await runNode([MAIN, "models", "verify", "tiny", "--json"], { env });
  expect(damaged.code).toBe(1);
  expect(JSON.parse(damaged.stdout)).toEqual([await verifyModel("tiny")]);
});
