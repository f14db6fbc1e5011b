import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { registerModels } from "../../../../lib/cli/models/models.js";
import { inspectModel } from "../../../../lib/models/inspect/inspect-model.js";
import { IR_FILES } from "../../../../lib/models/ir/ir-files.js";
import { knownHubModels } from "../../../../lib/models/known-hub-models.js";
import { chainModel } from "../../../helpers/chain.js";
import { FakeHub } from "../../../helpers/fake-hub.js";
import { hubEnvironment, ID, irRepository } from "../../../helpers/hub-model.js";

let folder: string;
let output: string;
let stderr: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-cli-models-"));
  output = "";
  stderr = "";
  vi.stubEnv("OPENVINO_LLM_CACHE", folder);
  vi.stubEnv("HF_HUB_CACHE", join(folder, "hub"));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text);
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

test("models list --json prints what the library returns", async () => {
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
  expect(await run("inspect", "tiny")).toContain("it is not OpenVINO IR");
  await expect(run("inspect", join(dir, "config.json"))).rejects.toMatchObject({
    code: "ERR_MODEL_NOT_FOUND",
  });
});

test.each(["pull", "fetch"])("models %s refuses a name that is none, and says which are", async (command) => {
  for (const name of ["tiny", "a/b/c", "../a"]) {
    await expect(run(command, name)).rejects.toMatchObject({
      code: "ERR_MODEL_NOT_FOUND",
      message: expect.stringMatching(/org\/name.*smollm2-135m-instruct.*models list --known/),
    });
  }
});

test.each(["pull", "fetch"])(
  "models %s prints the folder of a known model that is there",
  async (command) => {
    const dir = await addModel("smollm2-135m-instruct");
    expect(await run(command, "smollm2-135m-instruct")).toBe(`${dir}\n`);
  },
);

test("models pull prints the folder to stdout, and to stderr what comes, whether it fits and what to do then", async () => {
  await using hub = await FakeHub.start();
  const sha = hub.commit(ID, irRepository());
  for (const [name, value] of Object.entries(hubEnvironment(hub.url))) vi.stubEnv(name, value);
  const dir = join(process.env["HF_HUB_CACHE"] ?? "", `models--${ID.replace("/", "--")}`, "snapshots", sha);
  expect(await run("pull", ID)).toBe(`${dir}\n`);
  for (const part of [
    ID,
    "Files    10, 310 kB",
    "Licence  mit",
    "free: enough",
    "the weights take 300 kB",
    "Not taken, because reading or loading it may run code: configuration_phi3.py",
    "openvino_model.bin  300 kB",
    `Try it: npx openvino-llm generate -m ${ID} "Why is the sky blue?"`,
  ]) {
    expect(stderr).toContain(part);
  }
  output = "";
  expect(await run("path", ID)).toBe(`${dir}\n`);
  expect(await inspectModel(ID)).toMatchObject({ name: ID, path: dir, format: "openvino" });
  output = "";
  expect(JSON.parse(await run("list", "--json"))).toMatchObject([
    { name: "smollm2-135m-instruct", dir: null },
    { name: ID, dir, isFetchable: true, source: "Hugging Face hub" },
  ]);
});

test("models list shows each GGUF file of the hub by its quantisation, and nothing that is not whole", async () => {
  await using hub = await FakeHub.start();
  hub.commit("a/b-GGUF", { "b-Q8_0.gguf": "Q8", "b-Q4_0.gguf": "Q4" });
  hub.commit(ID, irRepository());
  for (const [name, value] of Object.entries(hubEnvironment(hub.url))) vi.stubEnv(name, value);
  await run("pull", "a/b-GGUF:Q8_0");
  await run("pull", ID, "--include", "*.xml");
  output = "";
  expect(await run("list")).toBe(
    "smollm2-135m-instruct  not fetched\na/b-GGUF:Q8_0          2 B              Hugging Face hub\n",
  );
});

test("models list --known prints models of the hub, and how one gets them", async () => {
  const lines = (await run("list", "--known")).split("\n");
  expect(lines[0]).toMatch(/^OpenVINO\/Phi-4-mini-instruct-int4-ov +2\.39 GB +mit +tools phi4 +chat/);
  expect(lines[3]).toMatch(/size not known/);
  expect(lines.at(-2)).toBe("Get one: npx openvino-llm models pull NAME");
  output = "";
  expect(JSON.parse(await run("list", "--known", "--json"))).toEqual(knownHubModels());
});
