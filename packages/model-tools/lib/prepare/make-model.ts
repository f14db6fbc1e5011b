/** The stages from a source to the files of a model, in a folder that is renamed when all went well. */
import { mkdir, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import {
  hashFiles,
  hashModelFile,
  hubCacheDir,
  isJsonObject,
  readGgufHeader,
  sha256OfFile,
} from "openvino-llm/internal";
import type { ModelSource, JsonObject } from "openvino-llm/models";
import { checkGroupSize, readCheckpoint } from "./checkpoint.js";
import { asksForRecipe, givenOptions } from "./export-options.js";
import { stageFailure } from "./failures.js";
import {
  checkDisk,
  checkMemory,
  checkpointNeeds,
  exportNeeds,
  freeDiskBytes,
  freeMemoryBytes,
  type ExportNeeds,
} from "./needs.js";
import type { Environment } from "./environment.js";
import {
  commandArguments,
  type PrepareModelOptions,
  type PreparePhase,
  type ResolvedPreparation,
} from "./prepare-options.js";
import { finishResult, hashOfFiles } from "./result.js";
import type { RunLog } from "./run-log.js";
import { runStage, throwIfAborted } from "./stage.js";
import { checkStillThere, whileThere } from "./vanished.js";

/** One preparation on its way. */
export interface Making {
  readonly request: ResolvedPreparation;
  readonly options: PrepareModelOptions;
  readonly environment: Environment;
  readonly log: RunLog;
}

/** A checkpoint on this machine, and what it was made from. */
interface Local {
  readonly folder: string;
  /** Takes a while: every file is read. */
  readonly describe: () => Promise<ModelSource>;
}

/** Fills the empty folder `tmp` with a model. */
export async function makeModel(tmp: string, making: Making): Promise<void> {
  const { request } = making;
  const startMs = performance.now();
  const run = new Stages(making);
  const work = join(tmp, "work");
  await mkdir(join(work, "tmp"), { recursive: true });
  await mkdir(join(work, "source"));

  const local = await localCheckpoint(tmp, work, making, run);
  const checkpoint = await readCheckpoint(local.folder);
  run.reads(local.folder, checkpoint.files);
  checkGroupSize(checkpoint.config, request.options);
  await run.checkNeeds(tmp, exportNeeds(checkpoint.size, request.options));

  // The exporter looks for a recipe of its own by the last part of the path.
  const link = join(work, "source", request.recipe);
  await symlink(local.folder, link);
  const command = ["--model", link, ...commandArguments(request), tmp];
  const asksHub = request.samples === null && ![undefined, "auto"].includes(request.options.dataset);
  // Code that a checkpoint names, and arguments that are not looked at here, may want more of the hub.
  const mayAskHub = asksHub || request.options.trustRemoteCode === true || request.extraArguments.length > 0;
  await run.stage(
    "export",
    { arguments: command, samples: request.samples },
    { TMPDIR: join(work, "tmp"), ...(mayAskHub ? {} : { HF_HUB_OFFLINE: "1", TRANSFORMERS_OFFLINE: "1" }) },
  );
  await rm(work, { recursive: true, force: true });

  run.phase("finish");
  const preparation = {
    preset: request.preset,
    recipe: asksForRecipe(request.options) ? request.recipe : null,
    options: givenOptions(request.options),
    extraArguments: request.extraArguments,
    datasetSha256: request.samples === null ? null : await sha256OfFile(request.samples),
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    peakMemoryBytes: run.peakMemoryBytes,
  };
  const { name } = request;
  const weightFormat = request.options.weightFormat ?? request.options.quantMode ?? null;
  const parts = { name, weightFormat, preparation, source: await whileThere(local.describe) };
  const { standIn } = checkpoint;
  await finishResult(tmp, { ...parts, standIn, tools: making.environment.tools }, making.log.path);
  throwIfAborted(making.options.signal);
}

/** Runs stages and keeps what they have in common. */
class Stages {
  /** Most of all stages so far. */
  peakMemoryBytes = 0;
  readonly #making: Making;
  #neededMemoryBytes: number | null = null;
  #source: { readonly dir: string; readonly files: readonly string[] } | null = null;

  constructor(making: Making) {
    this.#making = making;
  }

  phase(phase: PreparePhase): void {
    this.#making.options.onEvent?.({ type: "phase", phase });
  }

  /** What the stages read from here on, and what is looked at when one fails. */
  reads(dir: string, files: readonly string[]): void {
    this.#source = { dir, files };
  }

  /** Says what is needed and what there is; refuses where that is too little, unless forced. */
  async checkNeeds(path: string, { diskBytes, memoryBytes }: ExportNeeds): Promise<void> {
    const { options, request } = this.#making;
    this.#neededMemoryBytes = memoryBytes;
    const free = { freeDiskBytes: await freeDiskBytes(path), freeMemoryBytes: freeMemoryBytes() };
    options.onEvent?.({ type: "needs", diskBytes, memoryBytes, ...free });
    if (options.force === true) return;
    const what = `the export of ${request.source.name}`;
    await checkDisk(path, diskBytes, what);
    checkMemory(memoryBytes, what);
  }

  /** Runs a stage to its end and gives its value. */
  async stage(name: string, job: JsonObject, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
    const { options, request, environment, log } = this.#making;
    const ended = await runStage(environment.python, name, job, {
      log,
      signal: options.signal,
      onEvent: options.onEvent,
      env: { HF_HUB_DISABLE_TELEMETRY: "1", DO_NOT_TRACK: "1", ...env },
    });
    if (ended.code !== 0) {
      const source = request.source.kind === "hub" ? request.source.id : request.source.path;
      const failure = stageFailure(ended, { source, neededMemoryBytes: this.#neededMemoryBytes }, log);
      if (this.#source !== null) await checkStillThere(this.#source.dir, this.#source.files, failure);
      throw failure;
    }
    this.peakMemoryBytes = Math.max(this.peakMemoryBytes, ended.peakMemoryBytes ?? 0);
    return ended.value;
  }
}

async function localCheckpoint(tmp: string, work: string, making: Making, run: Stages): Promise<Local> {
  const { source } = making.request;
  switch (source.kind) {
    case "folder":
      return {
        folder: source.path,
        describe: () => folderSource("folder", source.name, source.path),
      };
    case "gguf":
      return fromGguf(tmp, work, source.path, run);
    case "hub":
      return fromHub(source.id, making, run);
  }
}

async function folderSource(kind: "folder" | "hub", file: string, path: string): Promise<ModelSource> {
  const files = await hashFiles(path);
  const sizeBytes = files.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  return { kind, file, sha256: hashOfFiles(files), sizeBytes };
}

async function fromGguf(tmp: string, work: string, path: string, run: Stages): Promise<Local> {
  const header = await readGgufHeader(path);
  const parameters = header.tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  await run.checkNeeds(tmp, checkpointNeeds(parameters));
  run.reads(dirname(path), [basename(path)]);
  const folder = join(work, "checkpoint");
  await run.stage("checkpoint", { gguf: path, output: folder }, { HF_HUB_OFFLINE: "1" });
  const about = { kind: "gguf", file: basename(path), sizeBytes: header.fileSizeBytes } as const;
  return { folder, describe: async () => ({ ...about, sha256: await hashModelFile(path) }) };
}

interface HubFile extends JsonObject {
  readonly name: string;
  readonly sizeBytes: number;
  readonly isCached: boolean;
}

async function fromHub(id: string, { request, options }: Making, run: Stages): Promise<Local> {
  const cacheDir = request.options.cacheDir ?? null;
  const job = { repo: id, revision: request.revision, cacheDir };
  const plan = await run.stage("plan", job);
  if (!isJsonObject(plan)) throw new TypeError("The hub's answer is not an object.");
  const files = plan["files"] as readonly HubFile[];
  let folder = plan["folder"];
  if (folder === null) {
    const missing = files.reduce((sum, file) => sum + (file.isCached ? 0 : file.sizeBytes), 0);
    if (options.force !== true) await checkDisk(cacheDir ?? hubCacheDir(), missing, `the checkpoint ${id}`);
    folder = await run.stage("download", { ...job, files });
  }
  const license = typeof plan["license"] === "string" ? { license: plan["license"] } : {};
  const about = { revision: basename(String(folder)), ...license };
  return {
    folder: String(folder),
    describe: async () => ({ ...(await folderSource("hub", id, String(folder))), ...about }),
  };
}
