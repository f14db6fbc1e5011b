/**
 * Python as a downloader: pip checks the hashes of what it fetches, and both pip and unzip come with Python. It is started
 * in an empty folder, because it would take modules (`pip.py`) from the one that it is started in. The user's own settings
 * hold: PATH and OPENVINO_LLM_PYTHON, PYTHONPATH, and pip's variables and configuration files, which say how PyPI is reached.
 */

import { spawn, type ChildProcessByStdio } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { OpenVinoLlmError } from "../errors.js";

/** What a child process said, and how it ended. */
interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Options of {@link pipDownload}. */
export interface PipDownloadOptions {
  /** Platform tags a wheel may carry. Default: what glibc 2.28 on x86-64 runs. */
  platforms?: readonly string[];
  /** Hears each line that pip prints, without its newline. */
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
    const outcome = await run(command, ["-I", "-c", "import sys; print(sys.version_info[0])"], env).catch(
      () => null,
    );
    if (outcome?.code === 0 && outcome.stdout.trim() === "3") return command;
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
 * @throws OpenVinoLlmError ERR_DOWNLOAD with pip's own words in `cause`
 */
export async function pipDownload(
  requirements: string,
  destDir: string,
  options: PipDownloadOptions = {},
): Promise<void> {
  const python = await findPython();
  const folder = await mkdtemp(join(tmpdir(), "openvino-llm-pip-"));
  try {
    const list = join(folder, "requirements.txt");
    await writeFile(list, requirements);
    const platforms = options.platforms ?? DEFAULT_PLATFORMS;
    const args = [
      "-m pip download --progress-bar off --disable-pip-version-check --no-input".split(" "),
      "--require-hashes --no-deps --only-binary :all: --implementation cp --python-version 3.11".split(" "),
      "--abi cp311 --abi abi3 --abi none".split(" "),
      platforms.flatMap((platform) => ["--platform", platform]),
      ["--dest", resolve(destDir), "--requirement", list],
    ].flat();
    const outcome = await run(python, args, process.env, options.onLine);
    if (outcome.code !== 0) throw downloadFailed(python, outcome, requirements);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Unpacks a wheel (a zip file) into `dir`. Executable bits are lost, as always with Python's zipfile.
 *
 * @throws OpenVinoLlmError ERR_DOWNLOAD when the file is no zip file or cannot be written
 */
export async function unzipWheel(wheel: string, dir: string): Promise<void> {
  const outcome = await run(await findPython(), ["-m", "zipfile", "-e", resolve(wheel), resolve(dir)]);
  if (outcome.code === 0) return;
  throw new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `Could not unpack ${wheel} into ${dir}: ${lastLine(outcome.stderr)}`,
    {
      cause: new Error(outcome.stderr.trim()),
    },
  );
}

function downloadFailed(python: string, outcome: Outcome, requirements: string): OpenVinoLlmError {
  const names = [...requirements.matchAll(/^\s*([\w.-]+==\S+)/gm)].map((match) => match[1]).join(", ");
  const said = `${outcome.stderr}\n${outcome.stdout}`;
  const cause = new Error(said.trim());
  if (/No module named pip\b/.test(said)) {
    return new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `Expected ${python} to have pip but it has none. Install it (Debian and Ubuntu: apt install python3-pip; ` +
        `elsewhere: ${python} -m ensurepip --user).`,
      { cause },
    );
  }
  if (said.includes("DO NOT MATCH THE HASHES")) {
    return new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `What pip received for ${names} does not match the pinned sha256, so it was not kept. Try again; if that does ` +
        "not help, the package index that pip uses serves other files than PyPI.",
      { cause },
    );
  }
  return new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `pip could not download ${names}: ${lastLine(outcome.stderr)}. Check the network and pip's settings (PIP_INDEX_URL, ` +
      "HTTPS_PROXY, pip config list), then try again.",
    { cause },
  );
}

function lastLine(text: string): string {
  return (text.trim().split("\n").at(-1) ?? "").trim().replace(/\.$/, "") || "no message";
}

/** Runs a command to its end in an empty folder; rejects only when it cannot be started. */
async function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
  onLine?: (line: string) => void,
): Promise<Outcome> {
  const cwd = await mkdtemp(join(tmpdir(), "openvino-llm-python-"));
  try {
    return await outcomeOf(spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] }), onLine);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

function outcomeOf(
  child: ChildProcessByStdio<null, Readable, Readable>,
  onLine?: (line: string) => void,
): Promise<Outcome> {
  return new Promise((settle, reject) => {
    const outcome: Outcome = { code: null, stdout: "", stderr: "" };
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      outcome.stdout += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine?.(line.trimEnd());
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      outcome.stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (rest) onLine?.(rest.trimEnd());
      settle({ ...outcome, code });
    });
  });
}
