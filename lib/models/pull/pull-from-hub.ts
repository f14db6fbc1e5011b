/** A model from the hub into the hub's cache, in an order in which nothing half is ever found by the model's name. */
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { lockEntry } from "../../cache/process-lock.js";
import { OpenVinoLlmError } from "../../errors/errors.js";
import { checkRoom, freeBytes, writing, type WriteTask } from "../../errors/system-errors.js";
import { freeMemory } from "../../host/free-memory.js";
import { fetchModelInfo, fetchTree, type HubCall, type HubModel } from "../../hub/api.js";
import { isFile } from "../../hub/blob-hash.js";
import { findSnapshot, missingOf } from "../../hub/find-snapshot.js";
import { HubHttp } from "../../hub/http.js";
import { blobPath, lockPath, repositoryDir, snapshotDir, treePath } from "../../hub/layout.js";
import { hubNameText, MAIN, type HubModelName } from "../../hub/model-name.js";
import { RETRY, type RetryPolicy } from "../../hub/retry.js";
import { hubCacheDir, readHubSettings, type HubSettings } from "../../hub/settings.js";
import { place, TEMPORARY, writeRef, writeTree } from "../../hub/snapshot-writer.js";
import { PARTIAL, transfer, VALIDATOR } from "../../hub/transfer.js";
import { blobKey, type HubFile } from "../../hub/tree.js";
import { checkIrVersion } from "../ir/ir-check.js";
import { atOnce } from "./at-once.js";
import { selectFiles, type FilePatterns, type PullSelection } from "./plan.js";
import { ProgressReporter } from "./progress.js";
import type { PulledModel, PullEvent, PullPlan } from "./pull-events.js";

/** How a model is pulled. */
export interface HubPullOptions extends FilePatterns {
  readonly onEvent?: ((event: PullEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly retry?: RetryPolicy;
}

/** Files that come at the same time. More connections are no faster where one disk writes them. */
const FILES_AT_ONCE = 4;

/** Pulls a model: `pullModel` for a name of the hub. */
export async function pullFromHub(name: HubModelName, options: HubPullOptions): Promise<PulledModel> {
  const { env = process.env } = options;
  const settings = readHubSettings(env);
  const cache = hubCacheDir(env);
  if (settings.isOffline) return pulledBefore(name, options, env);
  using http = new HubHttp(settings, env);
  const { signal, onEvent, retry = RETRY } = options;
  const onRetry = (reason: string, pauseMs: number) => onEvent?.({ type: "retry", reason, pauseMs });
  const call: HubCall = { http, name, retry, onRetry, signal };
  const model = await fetchModelInfo(call);
  const tree = await fetchTree(call, model.commit);
  const selection = selectFiles(name, model, tree, options);
  const task = { folder: cache, elsewhere: "with HF_HUB_CACHE", purpose: `download ${name.id}` };
  return writing(task, async () => {
    const lockAt = lockPath(cache, name.id);
    await mkdir(dirname(lockAt), { recursive: true });
    const lock = await lockEntry(lockAt, { signal, onWait: (holder) => onEvent?.({ type: "wait", holder }) });
    try {
      return await new Pull({ call, model, tree, selection, settings, task, onEvent, env }).run();
    } finally {
      await lock.release();
    }
  });
}

interface PullParts {
  readonly call: HubCall;
  readonly model: HubModel;
  readonly tree: readonly HubFile[];
  readonly selection: PullSelection;
  readonly settings: HubSettings;
  readonly task: WriteTask;
  readonly onEvent: ((event: PullEvent) => void) | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** One pull under its lock. */
class Pull {
  readonly #parts: PullParts;
  readonly #repository: string;
  readonly #dir: string;

  constructor(parts: PullParts) {
    this.#parts = parts;
    this.#repository = repositoryDir(parts.task.folder, parts.call.name.id);
    this.#dir = snapshotDir(this.#repository, parts.model.commit);
  }

  async run(): Promise<PulledModel> {
    const { call, model, tree, selection, task, onEvent } = this.#parts;
    const { name } = call;
    await this.#clear();
    const missing = await this.#missing();
    const plan = planOf(this.#parts, this.#dir, missing);
    onEvent?.({ type: "plan", plan });
    checkRoom({ ...task, neededBytes: plan.missingBytes });
    await writeTree(this.#repository, model.commit, tree);
    const reporter = new ProgressReporter(plan.missingBytes, onEvent);
    // Weights come last, when it is certain that they can be used.
    const small = selection.files.filter((file) => !selection.weights.includes(file));
    await this.#take(small, missing, reporter);
    if (selection.kind === "openvino") await this.#checkVersions();
    await this.#take(
      selection.files.filter((file) => !small.includes(file)),
      missing,
      reporter,
    );
    reporter.end();
    await writeRef(this.#repository, name.revision ?? MAIN, model.commit);
    return pulledModel(name, model.commit, selection, this.#dir, plan.missingBytes);
  }

  /** Takes away what killed pulls have left that no pull goes on with. */
  async #clear(): Promise<void> {
    const keys = new Set(this.#parts.tree.map(blobKey));
    const blobs = dirname(blobPath(this.#repository, "-"));
    for (const name of await namesIn(blobs)) {
      const ending = [PARTIAL, VALIDATOR].find((one) => name.endsWith(one));
      const isOver = ending !== undefined && !keys.has(name.slice(0, -ending.length));
      if (isOver) await rm(join(blobs, name), { force: true });
    }
    for (const folder of [
      this.#dir,
      dirname(treePath(this.#repository, "-")),
      join(this.#repository, "refs"),
    ]) {
      for (const name of await namesIn(folder)) {
        if (name.endsWith(TEMPORARY)) await rm(join(folder, name), { force: true });
      }
    }
  }

  /** How many bytes each file lacks that is not there as the hub has it. Of two with the same content the second lacks none. */
  async #missing(): Promise<Map<HubFile, number>> {
    const missing = new Map<HubFile, number>();
    const seen = new Set<string>();
    for (const file of this.#parts.selection.files) {
      const blob = blobPath(this.#repository, blobKey(file));
      if ((await this.#isThere(file)) || (await isFile(blob, file, { env: this.#parts.env }))) continue;
      const partial = await stat(`${blob}${PARTIAL}`).catch(() => null);
      const lacks = Math.max(0, file.sizeBytes - (partial?.size ?? 0));
      missing.set(file, seen.has(blobKey(file)) ? 0 : lacks);
      seen.add(blobKey(file));
    }
    return missing;
  }

  #isThere(file: HubFile): Promise<boolean> {
    return isFile(join(this.#dir, ...file.path.split("/")), file, { env: this.#parts.env });
  }

  async #take(
    files: readonly HubFile[],
    missing: ReadonlyMap<HubFile, number>,
    reporter: ProgressReporter,
  ): Promise<void> {
    const { call, model, settings, onEvent } = this.#parts;
    // Two names of the same content are one file in `blobs/`.
    const keys = [...new Set(files.map(blobKey))];
    await atOnce(keys, FILES_AT_ONCE, call.signal, async (key, signal) => {
      const blob = blobPath(this.#repository, key);
      let isLinked = true;
      for (const file of files.filter((one) => blobKey(one) === key)) {
        const lacks = missing.get(file);
        if (lacks !== undefined && !(await isFile(blob, file, { env: this.#parts.env }))) {
          const onBytes = reporter.follow(file.sizeBytes - lacks);
          await transfer({ call: { ...call, signal }, commit: model.commit, file, blob, onBytes });
        }
        const isElsewhere = lacks === undefined && (await this.#isThere(file));
        if (!isElsewhere) isLinked = await place(this.#repository, model.commit, file, settings.mayLink);
        onEvent?.({ type: "file", path: file.path, sizeBytes: file.sizeBytes });
      }
      if (!isLinked) await rm(blob, { force: true });
    });
  }

  async #checkVersions(): Promise<void> {
    const { files } = this.#parts.selection;
    for (const { path } of files.filter((file) => file.path.endsWith(".xml"))) {
      await checkIrVersion(join(this.#dir, ...path.split("/")));
    }
  }
}

function planOf(
  { call, model, selection, task }: Pick<PullParts, "call" | "model" | "selection" | "task">,
  dir: string,
  missing: ReadonlyMap<HubFile, number>,
): PullPlan {
  const { kind, files, weights, refused } = selection;
  return {
    id: call.name.id,
    commit: model.commit,
    license: model.license,
    kind,
    files: files.map(({ path, sizeBytes }) => ({ path, sizeBytes })),
    sizeBytes: total([...new Map(files.map((file) => [blobKey(file), file.sizeBytes])).values()]),
    missingBytes: total([...missing.values()]),
    freeDiskBytes: freeBytes(task.folder),
    weightsBytes: total(weights.map(({ sizeBytes }) => sizeBytes)),
    freeMemoryBytes: freeMemory(),
    dir,
    refused,
  };
}

/** What the cache has of a model that must not be asked for. */
async function pulledBefore(
  name: HubModelName,
  options: HubPullOptions,
  env: NodeJS.ProcessEnv,
): Promise<PulledModel> {
  const found = await findSnapshot(name, env);
  const snapshot = found === "begun" ? null : found;
  if (snapshot?.tree) {
    const selection = selectFiles(name, { ggufArchitecture: null }, snapshot.tree, options);
    const missing = await missingOf(
      snapshot,
      selection.files.map(({ path }) => path),
    );
    if (missing.length === 0) return pulledModel(name, snapshot.commit, selection, snapshot.dir, 0);
  }
  throw new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `Expected to download ${hubNameText(name)} but HF_HUB_OFFLINE forbids it, and ${hubCacheDir(env)} does not have all of it. ` +
      "Unset HF_HUB_OFFLINE, or copy that folder from a machine that has the model.",
  );
}

function pulledModel(
  name: HubModelName,
  commit: string,
  { kind, weights }: PullSelection,
  dir: string,
  downloadedBytes: number,
): PulledModel {
  const [gguf] = kind === "gguf" ? weights : [];
  const path = gguf === undefined ? dir : join(dir, ...gguf.path.split("/"));
  return { name: hubNameText(name), path, commit, kind, downloadedBytes };
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function total(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
