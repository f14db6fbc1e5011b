import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { registerModels } from "../../../../lib/cli/models/models.js";
import { inspectModel } from "../../../../lib/models/inspect/inspect-model.js";
import { IR_FILES } from "../../../../lib/models/ir/ir-files.js";
import { chainModel } from "../../../helpers/chain.js";

let folder: string;
let output: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-cli-models-"));
  output = "";
  vi.stubEnv("OPENVINO_LLM_CACHE", folder);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command line; the answer is what it printed to stdout. */
async function run(...args: string[]): Promise<string> {
  const program = new Command().exitOverride();
  registerModels(program);
  await program.parseAsync(["models", ...args], { from: "user" });
  return output;
}

async function addModel(name: string): Promise<string> {
  const dir = join(folder, "models", name);
  await mkdir(dir, { recursive: true });
  for (const file of IR_FILES) await writeFile(join(dir, file), "x");
  return dir;
}

test("models path prints the folder of a named model and nothing else", async () => {
  const dir = await addModel("tiny");
  expect(await run("path", "tiny")).toBe(`${dir}\n`);
});

test("models path prints the path of a GGUF file", async () => {
  const path = join(folder, "a.gguf");
  await writeFile(path, "x");
  expect(await run("path", path)).toBe(`${path}\n`);
});

test("models path fails for a model that is not there, and prints nothing", async () => {
  await expect(run("path", "tiny")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
  expect(output).toBe("");
});

test("models list prints a line for each model: size, precision, random or not, source; or that it is not fetched", async () => {
  const dir = await addModel("tiny");
  const manifest = { weights: "random", layersShare: 0.5, source: { file: "gpt-oss-20b" } };
  await writeFile(join(dir, "manifest.json"), JSON.stringify(manifest));
  expect(await run("list")).toBe(
    `smollm2-135m-instruct  not fetched\ntiny                   ${IR_FILES.length + JSON.stringify(manifest).length} B           random, 50.0 % of the layers  gpt-oss-20b\n`,
  );
});

test("models list --json prints what the library tells", async () => {
  const dir = await addModel("tiny");
  expect(JSON.parse(await run("list", "--json"))).toMatchObject([
    { name: "smollm2-135m-instruct", dir: null, isFetchable: true },
    { name: "tiny", dir, isFetchable: false, sizeBytes: IR_FILES.length },
  ]);
});

test("models remove deletes a model and prints where it was", async () => {
  const dir = await addModel("tiny");
  expect(await run("remove", "tiny")).toBe(`${dir}\n`);
  await expect(run("path", "tiny")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
  await expect(run("remove", "tiny")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
});

test("models inspect prints what a model is", async () => {
  const path = await chainModel();
  const text = await run("inspect", path);
  for (const part of [
    `chain  ${path}`,
    "Format           GGUF",
    "Architecture     llama",
    "Parameters       314 k",
    "FP16 weights (F16)",
    "128 kB for 1,000 tokens, in f16 (the model asks for it)",
    "Tokenizer       BPE, 288 entries",
    "A GGUF file has no graph",
  ]) {
    expect(text).toContain(part);
  }
});

test("models inspect --json prints the inspection", async () => {
  const path = await chainModel();
  const printed: unknown = JSON.parse(await run("inspect", path, "--json"));
  expect(printed).toEqual(JSON.parse(JSON.stringify(await inspectModel(path))));
});

test("models inspect --html writes a page of its own, without script, whatever a file's name holds", async () => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const path = join(folder, "<script>alert(1)</script> & co.gguf".replace("/", "-"));
  await copyFile(await chainModel(), path);
  const page = join(folder, "page.html");
  expect(await run("inspect", path, "--html", page)).toBe("");
  const html = await readFile(page, "utf8");
  expect(html).toContain("&lt;script&gt;alert(1)");
  expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  expect(html).toContain("FP16 weights (F16)");
  expect(html.match(/<svg[^>]*class="chart"/g)).toHaveLength(2);
});

test("models inspect says what is missing, and refuses what is no model", async () => {
  const dir = await addModel("tiny");
  expect(await run("inspect", "tiny")).toContain("it is no OpenVINO IR");
  await expect(run("inspect", join(dir, "config.json"))).rejects.toMatchObject({
    code: "ERR_MODEL_NOT_FOUND",
  });
});

test("models fetch refuses a name that it does not know", async () => {
  await expect(run("fetch", "tiny")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
});

test("models fetch prints the folder of a model that is there", async () => {
  const dir = await addModel("smollm2-135m-instruct");
  expect(await run("fetch", "smollm2-135m-instruct")).toBe(`${dir}\n`);
});
