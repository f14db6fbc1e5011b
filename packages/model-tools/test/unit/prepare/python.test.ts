import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findExporterPython } from "../../../lib/prepare/python.js";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "openvino-llm-python-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function writeProgram(name: string, script: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const answering = (version: string, missing = "[]", name = "cpython") =>
  `printf '%s' '{"version":"${version}","name":"${name}","missing":${missing}}'`;

test("without any Python it says how to get one", async () => {
  await expect(findExporterPython({ PATH: dir })).rejects.toMatchObject({
    code: "ERR_DOWNLOAD",
    message: expect.stringMatching(
      /Python 3\.11 to 3\.13.*python3 does not run.*apt install python3 python3-venv/,
    ),
  });
});

test("a Python that is too old is named with its version", async () => {
  await writeProgram("python3", answering("3.8.10"));
  await expect(findExporterPython({ PATH: dir })).rejects.toThrow(/python3 is Python 3\.8\.10/);
});

test("one that is too old to understand the question still prints its version", async () => {
  await writeProgram("python3", '[ "$1" = --version ] && echo Python 2.7.18 && exit 0; exit 1');
  await expect(findExporterPython({ PATH: dir })).rejects.toThrow(/python3 is Python 2\.7\.18/);
});

test("another version on PATH takes the place of one that does not fit", async () => {
  await writeProgram("python3", answering("3.14.0"));
  await writeProgram("python3.12", answering("3.12.1"));
  expect(await findExporterPython({ PATH: dir })).toEqual({ command: "python3.12", version: "3.12.1" });
});

test("a named Python is the only one that is tried", async () => {
  const path = await writeProgram("mine", answering("3.10.2"));
  await writeProgram("python3", answering("3.12.1"));
  await expect(findExporterPython({ PATH: dir, OPENVINO_LLM_PYTHON: path })).rejects.toThrow(
    `${path} is Python 3.10.2`,
  );
});

test("one without venv is refused with the package that has it", async () => {
  await writeProgram("python3", answering("3.11.2", '["ensurepip"]'));
  await expect(findExporterPython({ PATH: dir })).rejects.toThrow(
    /no module ensurepip: apt install python3\.11-venv/,
  );
});

test("another implementation is refused", async () => {
  await writeProgram("python3", answering("3.11.2", "[]", "pypy"));
  await expect(findExporterPython({ PATH: dir })).rejects.toThrow(/is pypy/);
});

test("what this machine has is judged by its real version", async () => {
  const found = await findExporterPython().catch((error: Error) => error.message);
  if (typeof found === "string") expect(found).toMatch(/is Python \d+\.\d+|has no module|does not run/);
  else expect(found.version).toMatch(/^3\.1[1-3]\.\d+/);
});
