/**
 * The folder of a benchmark. `requests.jsonl` has everything that was measured; the other files are made from it and
 * can be made again. Its lines are JSON objects distinguished by `record`:
 *
 * - "benchmark", the first line: schema, plan and environment; one more for each time that it was resumed
 * - "target": what is known of a loaded model
 * - "request": the stamps of one request, with the key of its run
 * - "run": closes a run; the requests of a run without this line do not count
 */
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import {
  codeOf,
  outOfRange,
  isJsonObject,
  systemError,
  writing,
  type WriteTask,
} from "openvino-llm/internal";
import type { JsonObject } from "openvino-llm/models";
import type { BenchData } from "./bench-data.js";
import type { Environment } from "./environment.js";
import type { BenchPlan } from "../plan/plan.js";
import { isSameRun, type RequestRecord, type RunKey, type RunRecord } from "../measure/records.js";
import { withRun, withTarget, type BenchStore } from "./store.js";
import type { TargetFacts } from "../targets/target-facts.js";

/** The file with everything in it. */
export const REQUESTS_FILE = "requests.jsonl";

const SCHEMA = 1;

/** A folder that is being written. */
export class BenchFolder implements BenchStore {
  /** Where it is, as it was given. */
  readonly path: string;
  #data: BenchData;

  private constructor(path: string, data: BenchData) {
    this.path = path;
    this.#data = data;
  }

  /**
   * Begins a folder; it is made where it is not there.
   *
   * @throws RangeError where it has a benchmark already
   */
  static async create(path: string, plan: BenchPlan, environment: Environment): Promise<BenchFolder> {
    const data: BenchData = {
      created: new Date().toISOString(),
      plan,
      environments: [environment],
      targets: [],
      runs: [],
    };
    await writing(taskIn(path), () => mkdir(path, { recursive: true }));
    try {
      // "wx": an earlier benchmark is never written over.
      await writeFile(join(path, REQUESTS_FILE), linesOf(data), { flag: "wx" });
    } catch (cause) {
      if (codeOf(cause) !== "EEXIST") throw systemError(cause, taskIn(path));
      const advice = "Choose another one, or resume this one.";
      throw outOfRange("folder", "a folder without a benchmark", path, advice);
    }
    return new BenchFolder(path, data);
  }

  /**
   * Goes on with a folder: runs that were not finished are taken out of its file.
   *
   * @throws RangeError where it has no benchmark
   */
  static async resume(path: string, environment: Environment): Promise<BenchFolder> {
    const found = await readBenchFolder(path);
    const data = { ...found, environments: [...found.environments, environment] };
    await writing(taskIn(path), () => replaceFile(join(path, REQUESTS_FILE), linesOf(data)));
    return new BenchFolder(path, data);
  }

  /**
   * A folder as it is: for making its files anew. Runs can be added after {@link BenchFolder.resume} alone.
   *
   * @throws RangeError where it has no benchmark
   */
  static async open(path: string): Promise<BenchFolder> {
    return new BenchFolder(path, await readBenchFolder(path));
  }

  /** What it holds so far. */
  get data(): BenchData {
    return this.#data;
  }

  /** Keeps what is known of a target; that of an earlier load is replaced. */
  async addTarget(facts: TargetFacts): Promise<void> {
    await this.#append(targetLine(facts));
    this.#data = withTarget(this.#data, facts);
  }

  /** Keeps a finished run. */
  async addRun(run: RunRecord): Promise<void> {
    await this.#append(runLines(run));
    this.#data = withRun(this.#data, run);
  }

  /** Writes a file that is made from the data, whole or not at all. */
  async writeDerived(name: string, text: string): Promise<void> {
    const path = join(this.path, name);
    await writing(taskIn(this.path), async () => {
      await mkdir(join(path, ".."), { recursive: true });
      await replaceFile(path, text);
    });
  }

  #append(text: string): Promise<void> {
    return writing(taskIn(this.path), () => appendFile(join(this.path, REQUESTS_FILE), text));
  }
}

/**
 * Reads a folder. A last line that was cut off is left out, and so are runs that were not finished.
 *
 * @throws RangeError where it has no benchmark, or one of a schema that this version does not know
 */
export async function readBenchFolder(path: string): Promise<BenchData> {
  const file = join(path, REQUESTS_FILE);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw Object.assign(outOfRange("folder", `a folder with ${REQUESTS_FILE}`, path), { cause });
  }
  return parseBenchData(text, file);
}

/** The data in the text of `requests.jsonl`; `file` names it in messages. */
export function parseBenchData(text: string, file: string): BenchData {
  const complete = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const lines = complete.flatMap((line, index) => (line === "" ? [] : [parseLine(line, index, file)]));
  const [header] = lines;
  if (header?.["record"] !== "benchmark" || header["schema"] !== SCHEMA) {
    throw outOfRange(file, `a benchmark of schema ${SCHEMA} in the first line`, header?.["schema"]);
  }
  const environments: Environment[] = [];
  const targets = new Map<string, TargetFacts>();
  const runs: RunRecord[] = [];
  let requests: Array<RunKey & RequestRecord> = [];
  for (const line of lines) {
    const { record, ...fields } = line;
    if (record === "benchmark") environments.push(fields["environment"] as Environment);
    if (record === "benchmark") requests = [];
    if (record === "target") {
      const facts = fields as unknown as TargetFacts;
      // The latest load counts, and stands last.
      targets.delete(facts.label);
      targets.set(facts.label, facts);
    }
    if (record === "request") requests.push(fields as unknown as RunKey & RequestRecord);
    if (record === "run") {
      const run = fields as unknown as Omit<RunRecord, "requests">;
      runs.push({ ...run, requests: requests.filter((one) => isSameRun(one, run)).map(withoutKey) });
      requests = [];
    }
  }
  const { created, plan } = header as unknown as { created: string; plan: BenchPlan };
  return { created, plan, environments, targets: [...targets.values()], runs };
}

function parseLine(line: string, index: number, file: string): JsonObject {
  try {
    const value: unknown = JSON.parse(line);
    if (isJsonObject(value)) return value;
  } catch {
    // Reported below.
  }
  throw outOfRange(`line ${index + 1} of ${file}`, "a JSON object", line);
}

function withoutKey({
  target: _target,
  concurrency: _concurrency,
  repeat: _repeat,
  ...request
}: RunKey & RequestRecord): RequestRecord {
  return request;
}

function linesOf({ created, plan, environments, targets, runs }: BenchData): string {
  return [
    ...environments.map((environment, index) =>
      lineOf({ record: "benchmark", schema: SCHEMA, created, ...(index === 0 ? { plan } : {}), environment }),
    ),
    ...targets.map(targetLine),
    ...runs.map(runLines),
  ].join("");
}

function targetLine(facts: TargetFacts): string {
  return lineOf({ record: "target", ...facts });
}

function runLines({ requests, ...run }: RunRecord): string {
  const { target, concurrency, repeat } = run;
  const key = { target, concurrency, repeat };
  return [
    ...requests.map((request) => lineOf({ record: "request", ...key, ...request })),
    lineOf({ record: "run", ...run }),
  ].join("");
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function taskIn(path: string): WriteTask {
  return { folder: resolve(path), purpose: "keep the benchmark", elsewhere: "for it (--out)" };
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
