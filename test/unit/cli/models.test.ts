import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { registerModels } from "../../../lib/cli/models.js";
import { IR_FILES } from "../../../lib/models/ir-files.js";

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

test("models list prints a line for each model, fetched or not", async () => {
  const dir = await addModel("tiny");
  expect(await run("list")).toBe(`smollm2-135m-instruct  not fetched\ntiny                   ${dir}\n`);
});

test("models fetch refuses a name that it does not know", async () => {
  await expect(run("fetch", "tiny")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
});

test("models fetch prints the folder of a model that is there", async () => {
  const dir = await addModel("smollm2-135m-instruct");
  expect(await run("fetch", "smollm2-135m-instruct")).toBe(`${dir}\n`);
});
