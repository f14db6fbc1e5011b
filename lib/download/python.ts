/**
 * Python as a downloader: pip checks the hashes of what it fetches, and both pip and unzip come with Python. It is started
 * in an empty folder, because it would take modules (`pip.py`) from the one that it is started in, or so that it takes none
 * from there (`-I`). The user's own settings hold for pip: PATH and OPENVINO_LLM_PYTHON, PYTHONPATH, and pip's variables and
 * configuration files, which say how PyPI is reached.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AbortError, OpenVinoLlmError } from "../errors/errors.js";
import { cacheTask, systemError, writing } from "../errors/system-errors.js";
import { PIP_SETTINGS, pythonFailure, type FailedPython } from "./pip-failure.js";
import { runTethered } from "./tethered.js";

/** What a child process said, and how it ended. */
interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Options of whatever runs Python here. */
export interface PythonOptions {
  /** Ends Python at once. */
  signal?: AbortSignal | undefined;
}

/** Options of {@link pipDownload}. */
export interface PipDownloadOptions extends PythonOptions {
  /** Platform tags a wheel may carry. Default: what glibc 2.28 on x86-64 runs. */
  platforms?: readonly string[];
  /** Receives each line that pip prints, without its newline. */
  onLine?: (line: string) => void;
}

const DEFAULT_PLATFORMS = [
  "manylinux_2_28_x86_64",
  "manylinux_2_27_x86_64",
  "manylinux_2_17_x86_64",
  "manylinux2014_x86_64",
];

/**
 * Finds a Python 3: `OPENVINO_LLM_PYTHON`, else `python3`, else `python` on PATH.
 *
 * @returns the command to start it by
 * @throws OpenVinoLlmError ERR_DOWNLOAD when there is none
 */
export async function findPython(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const own = env["OPENVINO_LLM_PYTHON"];
  // What is a path stays one in whatever folder it is started.
  const ownCommand = own?.includes("/") ? resolve(own) : own;
  for (const command of ownCommand ? [ownCommand] : ["python3", "python"]) {
    const answer = await askPython(command, env);
    if (answer?.code === 0 && answer.stdout.trim() === "3") return command;
  }
  throw new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `Expected a working Python 3 ${own ? `at OPENVINO_LLM_PYTHON=${own}` : "on PATH (python3 or python)"} but found none. ` +
      "Install Python 3 with pip (Debian and Ubuntu: apt install python3 python3-pip).",
  );
}

/**
 * Downloads wheels into `destDir`. pip refuses everything that does not match its sha256.
 *
 * The Python that runs does not matter: wheels for CPython 3.11 on 64-bit Linux are asked for.
 *
 * @param requirements lines of a requirements file, each with `--hash=sha256:…`
 * @param destDir an existing folder
 * @throws OpenVinoLlmError ERR_DOWNLOAD; ERR_DISK_FULL, ERR_NOT_WRITABLE, ERR_OUT_OF_MEMORY, ERR_OUT_OF_THREADS for what
 * the system refused; with pip's own words in `cause`
 * @throws AbortError when the signal is aborted
 */
export async function pipDownload(
  requirements: string,
  destDir: string,
  options: PipDownloadOptions = {},
): Promise<void> {
  const python = await findPython();
  const task = cacheTask(resolve(destDir), { purpose: `download ${namesIn(requirements)}` });
  // With the folder that is being filled goes what pip leaves when it is killed.
  const scratch = await writing(task, () => mkdtemp(join(task.folder, "scratch-")));
  try {
    const [cwd, temporary] = [join(scratch, "empty"), join(scratch, "tmp")];
    const list = join(scratch, "requirements.txt");
    await writing(task, async () => {
      for (const folder of [cwd, temporary]) await mkdir(folder);
      await writeFile(list, requirements);
    });
    const platforms = options.platforms ?? DEFAULT_PLATFORMS;
    const args = [
      "-m pip download --progress-bar off --disable-pip-version-check --no-input".split(" "),
      "--require-hashes --no-deps --only-binary :all: --implementation cp --python-version 3.11".split(" "),
      "--abi cp311 --abi abi3 --abi none".split(" "),
      platforms.flatMap((platform) => ["--platform", platform]),
      ["--dest", task.folder, "--requirement", list],
    ].flat();
    const { signal, onLine } = options;
    throwIfAborted(signal);
    const run = { cwd, env: { ...process.env, TMPDIR: temporary }, signal };
    const outcome = await runTethered(python, args, run, (child) => outcomeOf(child, onLine));
    throwIfAborted(signal);
    if (outcome.code !== 0) {
      const what = `The download of ${namesIn(requirements)} with pip failed`;
      const cure = `Check the network and ${PIP_SETTINGS}, then try again.`;
      throw failureOf(outcome, { what, cure, python, folder: destDir });
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Unpacks a wheel (a zip file) into `dir`. Executable bits are lost, as always with Python's zipfile.
 *
 * @throws OpenVinoLlmError ERR_DOWNLOAD when the file is no zip file; ERR_DISK_FULL, ERR_NOT_WRITABLE when it cannot be
 * written
 * @throws AbortError when the signal is aborted
 */
export async function unzipWheel(wheel: string, dir: string, { signal }: PythonOptions = {}): Promise<void> {
  const python = await findPython();
  throwIfAborted(signal);
  const args = ["-I", "-m", "zipfile", "-e", resolve(wheel), resolve(dir)];
  const run = { cwd: "/", env: process.env, signal };
  const outcome = await runTethered(python, args, run, (child) => outcomeOf(child));
  throwIfAborted(signal);
  const what = `${wheel} could not be unpacked into ${dir}`;
  if (outcome.code !== 0) throw failureOf(outcome, { what, cure: "Try again.", python, folder: dir });
}

/** @throws AbortError when the signal was aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new AbortError("The fetch was aborted; nothing of it is left.", signal.reason, undefined);
  }
}

/** The projects and versions of a requirements file. */
function namesIn(requirements: string): string {
  return [...requirements.matchAll(/^\s*([\w.-]+==\S+)/gm)].map((match) => match[1]).join(", ");
}

function failureOf(outcome: Outcome, about: Omit<FailedPython, "said" | "signal">): OpenVinoLlmError {
  const { stdout, stderr, signal } = outcome;
  return pythonFailure({ ...about, said: `${stdout}\n${stderr}`, signal, folder: resolve(about.folder) });
}

/** Which Python a command is; null where there is none. */
async function askPython(command: string, env: NodeJS.ProcessEnv): Promise<Outcome | null> {
  const program = ["-I", "-c", "import sys; print(sys.version_info[0])"];
  try {
    return await outcomeOf(spawn(command, program, { env, cwd: "/", stdio: ["ignore", "pipe", "pipe"] }));
  } catch (error) {
    if (error instanceof OpenVinoLlmError) throw error; // the system's, not Python's
    return null;
  }
}

function outcomeOf(child: ChildProcess, onLine?: (line: string) => void): Promise<Outcome> {
  return new Promise((settle, reject) => {
    const outcome: Outcome = { code: null, signal: null, stdout: "", stderr: "" };
    let rest = "";
    child.stdin?.on("error", () => undefined).end();
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      outcome.stdout += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine?.(line.trimEnd());
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      outcome.stderr += text;
    });
    child.once("error", (error) => reject(systemError(error)));
    child.once("close", (code, signal) => {
      if (rest) onLine?.(rest.trimEnd());
      settle({ ...outcome, code, signal });
    });
  });
}
