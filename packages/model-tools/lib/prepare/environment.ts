/** The virtual environment that the exporter runs in: made once in the cache, from versions pinned by hash. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { cacheDir, makeEntry, readJsonObject } from "openvino-llm/internal";
import { OpenVinoLlmError } from "openvino-llm";
import { checkDisk } from "./needs.js";
import { environmentFailure } from "./failures.js";
import { findExporterPython } from "./python.js";
import { PYTHON_FOLDER } from "./python-folder.js";
import { runPython, runStage, type Ended, type RunContext } from "./stage.js";

/** What the environment takes: torch is published for Linux with the libraries of CUDA, and works without a GPU. */
const ENVIRONMENT_BYTES = 6_500_000_000;
/** Beside that while it is made: the downloaded packages. */
const DOWNLOAD_BYTES = 3_000_000_000;

const REQUIREMENTS = `${PYTHON_FOLDER}requirements.txt`;
/** Written last: what lacks it was not finished. */
const MARKER = "environment.json";

/** An environment that is ready. */
export interface Environment {
  /** Its folder. */
  readonly dir: string;
  /** Its Python. */
  readonly python: string;
  /** Versions of what makes models in it, by name. */
  readonly tools: Readonly<Record<string, string>>;
}

/** The environment of this version's pins, or null when it is not in the cache. */
export async function findEnvironment(env: NodeJS.ProcessEnv = process.env): Promise<Environment | null> {
  return readEnvironment(await environmentDir(env));
}

/**
 * The environment of this version's pins, made when it is not in the cache: 3 GB are downloaded and 6.5 GB stay.
 *
 * @throws OpenVinoLlmError `ERR_DOWNLOAD` without a fitting Python, network or room on the disk; AbortError
 */
export async function ensureEnvironment(
  context: RunContext & { readonly force?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Promise<Environment> {
  const dir = await environmentDir(env);
  const ready = await readEnvironment(dir);
  if (ready !== null) return ready;
  context.onEvent?.({ type: "phase", phase: "environment" });
  const make = (tmp: string): Promise<void> => makeEnvironment(tmp, dir, context, env);
  await makeEntry(dir, make, {
    isValid: async (entry) => (await readEnvironment(entry)) !== null,
    purpose: "make the Python environment of the exporter",
    signal: context.signal,
    onWait: (holder) => context.onEvent?.({ type: "phase", phase: "wait", holder }),
  });
  const made = await readEnvironment(dir);
  if (made === null) {
    throw new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `Expected a working Python environment at ${dir} but it does not run. Remove that folder and try again.`,
    );
  }
  return made;
}

async function environmentDir(env: NodeJS.ProcessEnv): Promise<string> {
  const hash = createHash("sha256")
    .update(await readFile(REQUIREMENTS))
    .digest("hex");
  return join(cacheDir(env), "venv", hash.slice(0, 16));
}

/** Null also where the Python that it was made with has gone. */
async function readEnvironment(dir: string): Promise<Environment | null> {
  const marker = await readJsonObject(join(dir, MARKER)).catch(() => null);
  const tools = marker?.["tools"];
  if (tools === undefined) return null;
  const python = join(dir, "bin", "python");
  const runs = await promisify(execFile)(python, ["-I", "-S", "-c", ""]).catch(() => null);
  return runs === null ? null : { dir, python, tools: tools as Record<string, string> };
}

async function makeEnvironment(
  tmp: string,
  dir: string,
  context: RunContext & { readonly force?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { command } = await findExporterPython(env);
  if (context.force !== true) {
    const what = "the environment of Optimum Intel's exporter";
    await checkDisk(tmp, ENVIRONMENT_BYTES + DOWNLOAD_BYTES, what);
  }
  // What pip unpacks on the way stays on the disk that was looked at.
  const scratch = join(tmp, "tmp");
  const local = { ...context, env: { ...context.env, TMPDIR: scratch }, cwd: scratch };
  const venv = await runPython(command, ["-m", "venv", tmp], { ...context, cwd: tmp });
  await expectSuccess(venv, context, command);
  await mkdir(scratch);

  const python = join(tmp, "bin", "python");
  const packages = [...(await readFile(REQUIREMENTS, "utf8")).matchAll(/^[\w.-]+==/gm)].length;
  let collected = 0;
  const onLine = (line: string): void => {
    if (/^\s*Collecting /.test(line)) collected += 1;
    const isInstalling = line.startsWith("Installing collected packages");
    const label = isInstalling ? "installing packages" : "downloading packages";
    context.onEvent?.({ type: "progress", label, fraction: isInstalling ? 1 : collected / packages });
  };
  const pip = "-m pip install --no-input --disable-pip-version-check --progress-bar off".split(" ");
  const exactly = "--require-hashes --no-deps --only-binary :all: --no-compile --requirement".split(" ");
  const install = await runPython(python, [...pip, ...exactly, REQUIREMENTS], { ...local, onLine });
  await expectSuccess(install, context, command);
  await rm(scratch, { recursive: true, force: true });

  const versions = await runStage(python, "versions", {}, context);
  await expectSuccess(versions, context, command);
  await moveScripts(join(tmp, "bin"), tmp, dir);
  await writeFile(join(tmp, MARKER), `${JSON.stringify({ tools: versions.value }, null, 2)}\n`);
}

async function expectSuccess(ended: Ended, context: RunContext, python: string): Promise<void> {
  if (ended.code !== 0) throw environmentFailure(ended, context.log, python);
}

/** Programs such as `optimum-cli` name their Python by its whole path; the folder is about to be renamed. */
async function moveScripts(bin: string, from: string, to: string): Promise<void> {
  for (const entry of await readdir(bin, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(bin, entry.name);
    const text = await readFile(path, "utf8");
    if (text.includes(from)) await writeFile(path, text.replaceAll(from, to));
  }
}
