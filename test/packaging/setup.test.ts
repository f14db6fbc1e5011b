import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runNode } from "../helpers/run-node.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("a set-up that has been done says nothing and changes nothing", async () => {
  const ended = await runNode([join(root, "scripts", "setup.mjs")]);
  expect(ended).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
});

describe("a bare clone on a machine that lacks something", () => {
  let folder: string;
  let bin: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "openvino-llm-setup-"));
    await cp(join(root, "scripts"), join(folder, "scripts"), { recursive: true });
    bin = join(folder, "bin");
    await mkdir(bin);
    await symlink(process.execPath, join(bin, "node"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const setUp = (env: NodeJS.ProcessEnv = {}) =>
    runNode([join(folder, "scripts", "setup.mjs")], { env: { PATH: bin, ...env } });

  test("gets everything that is missing at once, and how to install it", async () => {
    const { code, stderr } = await setUp();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^This machine lacks:\n {2}- Python 3 with pip, .*apt install python3-pip\n {2}- a C and C\+\+17 compiler .*apt install g\+\+\n$/,
    );
  });

  test("gets an error when Python is there but has no pip", async () => {
    const python = join(folder, "bare-python");
    await writeFile(python, '#!/bin/sh\nexec /usr/bin/env python3 -I -S "$@"\n');
    await chmod(python, 0o755);
    const { code, stderr } = await setUp({ PATH: process.env["PATH"], OPENVINO_LLM_PYTHON: python });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^This machine lacks:\n {2}- pip for .*bare-python, .*apt install python3-pip\n$/);
  });
});
