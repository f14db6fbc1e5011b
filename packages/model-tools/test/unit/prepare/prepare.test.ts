import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  rename,
  rm,
  statfs,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readManifest } from "../../../../../lib/models/files/manifest.js";
import type { PrepareEvent } from "../../../lib/prepare/prepare-options.js";
import { prepareModel } from "../../../lib/prepare/prepare.js";
import { demand, need } from "../../../../../test/helpers/needs.js";
import { fakeEnvironment } from "./fake-environment.js";
import { writeCheckpoint } from "./write-checkpoint.js";

let dir: string;
let checkpoint: string;
let models: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "openvino-llm-prepare-"));
  models = join(dir, "cache", "models");
  checkpoint = join(dir, "my-model");
  const config = {
    model_type: "llama",
    vocab_size: 300,
    max_position_embeddings: 64,
    hidden_size: 96,
    eos_token_id: [2, 3],
  };
  await writeCheckpoint(checkpoint, { config });
  vi.stubEnv("OPENVINO_LLM_CACHE", join(dir, "cache"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

/** What stands in the models' folder. */
async function left(): Promise<string[]> {
  return readdir(models).catch(() => []);
}

describe("with an environment", () => {
  beforeEach(() => fakeEnvironment(join(dir, "cache")));

  test("a model is made whole, with a manifest that says how", async () => {
    const events: PrepareEvent[] = [];
    const options = { weightFormat: "int8", onEvent: (event: PrepareEvent) => events.push(event) } as const;
    const model = await prepareModel(checkpoint, options);
    expect(model).toMatchObject({ name: "my-model-int8", dir: join(models, "my-model-int8"), isNew: true });
    expect(await left()).toEqual(["my-model-int8"]);
    expect((await readdir(model.dir)).includes("work")).toBe(false);
    const manifest = await readManifest(model.dir);
    expect(manifest).toEqual(model.manifest);
    expect(manifest).toMatchObject({
      source: { kind: "folder", file: "my-model", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      architecture: "llama",
      vocabSize: 300,
      contextLength: 64,
      eosTokenId: 2,
      bosTokenId: null,
      weightFormat: "int8",
      preparation: { recipe: "my-model", options: { weightFormat: "int8" }, peakMemoryBytes: 1234567 },
      tools: { "optimum-intel": "2.2.0" },
      quality: null,
    });
    expect(manifest?.weights).toBeUndefined();
    expect(manifest?.files?.map(({ name }) => name)).toContain("openvino_tokenizer.bin");
    const xml = manifest?.files?.find(({ name }) => name === "openvino_model.xml");
    expect(xml?.sha256).toBe(createHash("sha256").update("<net/>").digest("hex"));
    expect(
      events
        .filter(({ type }) => type !== "log")
        .map((event) => ("phase" in event ? event.phase : event.type)),
    ).toEqual(["needs", "load", "finish"]);
  });

  test("the same again costs nothing, something else in its place is refused, overwrite replaces it", async () => {
    const first = await prepareModel(checkpoint, { weightFormat: "int8", name: "x" });
    const again = await prepareModel(checkpoint, { weightFormat: "int8", name: "x" });
    expect(again).toEqual({ ...first, isNew: false });
    await expect(prepareModel(checkpoint, { weightFormat: "fp16", name: "x" })).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringContaining("--overwrite"),
    });
    await writeFile(join(checkpoint, "generation_config.json"), "{}");
    await expect(prepareModel(checkpoint, { weightFormat: "int8", name: "x" })).rejects.toThrow(
      /made otherwise/,
    );
    const other = await prepareModel(checkpoint, { weightFormat: "fp16", name: "x", overwrite: true });
    expect(other).toMatchObject({ isNew: true, manifest: { weightFormat: "fp16" } });
    expect(await left()).toEqual(["x"]);
  });

  test("a folder with something else in it is never touched", async () => {
    const out = join(dir, "home");
    await mkdir(out);
    await writeFile(join(out, "letter.txt"), "dear");
    await expect(prepareModel(checkpoint, { out, overwrite: true })).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringContaining("did not make"),
    });
    expect(await readdir(out)).toEqual(["letter.txt"]);
    await rm(join(out, "letter.txt"));
    expect(await prepareModel(checkpoint, { out })).toMatchObject({ dir: out, isNew: true });
  });

  test("the exporter sees the checkpoint under the name whose recipe is asked for", async () => {
    const jobs: string[] = [];
    const onEvent = (event: PrepareEvent) => event.type === "log" && jobs.push(event.line);
    const model = await prepareModel(checkpoint, { preset: "gpt-oss-20b-int4", onEvent });
    expect(jobs[0]).toMatch(
      /"--model", "[^"]*\/gpt-oss-20b", "--weight-format=int4", "--task=text-generation-with-past"/,
    );
    expect(model.manifest.preparation).toMatchObject({ preset: "gpt-oss-20b-int4", recipe: "gpt-oss-20b" });
  });

  test("random weights are still random afterwards", async () => {
    await writeFile(join(checkpoint, "manifest.json"), '{"weights":"random","layersShare":0.125}');
    const { manifest } = await prepareModel(checkpoint);
    expect(manifest).toMatchObject({ weights: "random", layersShare: 0.125 });
  });

  test("a model on the hub is known by its commit", async () => {
    const snapshot = join(dir, "c0ffee");
    await rename(checkpoint, snapshot);
    vi.stubEnv("FAKE_SNAPSHOT", snapshot);
    const { manifest, name } = await prepareModel("owner/Some-Model", { weightFormat: "fp16" });
    expect(name).toBe("some-model-fp16");
    expect(manifest.source).toMatchObject({
      kind: "hub",
      file: "owner/Some-Model",
      revision: "c0ffee",
      license: "mit",
    });
  });

  test("an unknown id without a network says so", async () => {
    vi.stubEnv("FAKE_EXPORTER", "offline");
    await expect(prepareModel("owner/nothing")).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(
        /owner\/nothing could not be downloaded.*Name or service not known.*HTTPS_PROXY/,
      ),
    });
  });

  test.each([
    ["killed", /memory ran out, or something ended/, "ERR_OUT_OF_MEMORY"],
    ["failing", /weights of .*my-model are damaged.*header too large/, "ERR_MODEL_LOAD"],
    ["partial", /did not write .*openvino_tokenizer\.bin, /, "ERR_MODEL_LOAD"],
  ])(
    "a %s export leaves its log and nothing else, and the next one succeeds",
    async (behaviour, message, code) => {
      vi.stubEnv("FAKE_EXPORTER", behaviour);
      await expect(prepareModel(checkpoint, { name: "x" })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
      expect(await left()).toEqual(["x.log"]);
      expect(await readFile(join(models, "x.log"), "utf8")).toContain("--model");
      vi.stubEnv("FAKE_EXPORTER", "good");
      expect(await prepareModel(checkpoint, { name: "x" })).toMatchObject({ isNew: true });
      expect(await left()).toEqual(["x"]);
    },
  );

  test("an abort half way leaves nothing", async () => {
    vi.stubEnv("FAKE_EXPORTER", "slow");
    const controller = new AbortController();
    const onEvent = (event: PrepareEvent) => {
      if (event.type === "log" && event.line === "half way") controller.abort();
    };
    const { signal } = controller;
    await expect(prepareModel(checkpoint, { signal, onEvent })).rejects.toMatchObject({ name: "AbortError" });
    expect(await left()).toEqual([]);
  });

  test("what a killed process left half-made is no model, and is cleared away", async () => {
    const script = "process.stdout.write(String(process.pid))";
    const gone = spawn(process.execPath, ["-e", script]);
    const pid = await new Promise((resolve) => gone.once("close", () => resolve(gone.pid)));
    const half = join(models, `my-model.${String(pid)}-0123abcd.tmp`);
    await mkdir(half, { recursive: true });
    await writeFile(join(half, "openvino_model.xml"), "<net/>");
    await prepareModel(checkpoint);
    expect(await left()).toEqual(["my-model"]);
  });

  test("too little disk is said with the numbers", async (context) => {
    const header = Buffer.from(
      JSON.stringify({ x: { dtype: "F16", shape: [5e12], data_offsets: [0, 1e13] } }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const path = join(checkpoint, "model.safetensors");
    await writeFile(path, Buffer.concat([length, header]));
    // 10 TB in a file that takes none on the disk.
    const file = await open(path, "r+");
    const hasRoom = await file.truncate(8 + header.length + 1e13).then(
      () => true,
      () => false,
    );
    await file.close();
    demand(context, need("a file system with files of 10 TB", hasRoom));
    await expect(prepareModel(checkpoint, { weightFormat: "int4" })).rejects.toMatchObject({
      code: "ERR_DISK_FULL",
      message: expect.stringMatching(/Expected \d+\.\d GB of free disk .* but there are \d+\.\d GB.*--force/),
    });
    expect(await left()).toEqual([]);
  });
});

describe("without an environment", () => {
  test("a checkpoint that is damaged is refused before one is made", async () => {
    await rm(join(checkpoint, "config.json"));
    await expect(prepareModel(checkpoint)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
    expect(await readdir(dir)).toEqual(["my-model"]);
  });

  test("a group size that does not fit is refused before one is made", async () => {
    await expect(prepareModel(checkpoint, { weightFormat: "int4", groupSize: 128 })).rejects.toThrow(
      /width 96 such as 32 .*options\.groupSize.*128/,
    );
  });

  test("no Python leaves nothing behind", async () => {
    vi.stubEnv("PATH", dir);
    vi.stubEnv("OPENVINO_LLM_PYTHON", "");
    await expect(prepareModel(checkpoint)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/Python 3\.11 to 3\.13/),
    });
    expect(await left()).toEqual([]);
    expect(await readdir(join(dir, "cache", "venv"))).toEqual([]);
  });

  test("packages that cannot be had leave the log and no environment", async (context) => {
    const free = await statfs(dir);
    demand(context, need("10 GB of free disk", free.bavail * free.bsize >= 10e9));
    // A Python whose environment has a pip that fails.
    const python = join(dir, "python");
    const made = 'mkdir -p "$V/bin"; cp "$0" "$V/bin/python"; exit 0';
    const script = `#!/bin/sh
case "$*" in
  *import*) printf '%s' '{"version":"3.11.2","name":"cpython","missing":[]}';;
  *"-m venv"*) for V in "$@"; do :; done; ${made};;
  *) echo "ERROR: No matching distribution found for torch" >&2; exit 1;;
esac
`;
    await writeFile(python, script);
    await chmod(python, 0o755);
    vi.stubEnv("OPENVINO_LLM_PYTHON", python);
    await expect(prepareModel(checkpoint)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/No matching distribution found for torch\. Check the network/),
    });
    expect(await readdir(join(dir, "cache", "venv"))).toEqual([]);
    expect(await left()).toEqual(["my-model.log"]);
  });
});

test("an environment without room on the disk is refused with the numbers", async (context) => {
  const small = join(dir, "small");
  await mkdir(small);
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", small]);
  demand(context, need("the right to mount a tmpfs", mounted === 0));
  try {
    vi.stubEnv("OPENVINO_LLM_CACHE", small);
    await expect(prepareModel(checkpoint)).rejects.toMatchObject({
      code: expect.stringMatching(/ERR_DISK_FULL|ERR_DOWNLOAD/),
      message: expect.stringMatching(/9\.5 GB of free disk .* but there are \d+ MB|Python 3\.11/),
    });
  } finally {
    await run("umount", [small]);
  }
});

function run(command: string, args: string[]): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "ignore" });
    child.once("error", () => resolve(null));
    child.once("close", resolve);
  });
}
