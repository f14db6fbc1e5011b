import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commandsToGetRuntime, locateRuntime } from "../../../lib/runtime/locate.js";
import { RUNTIME_PACKAGE, RUNTIME_VERSION, SONAME_SUFFIX } from "../../../lib/runtime/pins.js";

const FLAT = [
  "libtbb.so.12",
  `libopenvino.so.${SONAME_SUFFIX}`,
  `libopenvino_genai.so.${SONAME_SUFFIX}`,
  "libopenvino_tokenizers.so",
];
const SITE = [
  "openvino/libs/libtbb.so.12",
  `openvino/libs/libopenvino.so.${SONAME_SUFFIX}`,
  `openvino_genai/libopenvino_genai.so.${SONAME_SUFFIX}`,
  "openvino_tokenizers/lib/libopenvino_tokenizers.so",
];

let folder: string;
let cache: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-locate-"));
  cache = join(folder, "cache");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function files(dir: string, paths: string[]): Promise<string> {
  for (const path of paths) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), "");
  }
  return dir;
}

/** Installs a runtime package beside an imaginary consumer; the answer resolves modules as that consumer would. */
async function installPackage(libraries: string[]) {
  const dir = join(folder, "node_modules", "openvino-llm-runtime-linux-x64");
  await mkdir(dir, { recursive: true });
  await files(join(dir, "lib"), libraries);
  await writeFile(
    join(dir, "package.json"),
    JSON.stringify({ name: RUNTIME_PACKAGE, version: RUNTIME_VERSION }),
  );
  return dir;
}
const resolveModule = (specifier: string) => createRequire(join(folder, "consumer.js")).resolve(specifier);
const locate = (env: NodeJS.ProcessEnv = {}) =>
  locateRuntime({ OPENVINO_LLM_CACHE: cache, ...env }, resolveModule);

function failure(act: () => unknown): Error & { code?: string } {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Expected an error but there was none.");
}

describe("OPENVINO_LLM_RUNTIME", () => {
  test("names a flat folder", async () => {
    const dir = await files(join(folder, "with a space"), FLAT);
    expect(locate({ OPENVINO_LLM_RUNTIME: dir })).toEqual({
      source: "env",
      layout: "flat",
      dir,
      libraries: [
        "libtbb.so.12",
        `libopenvino.so.${SONAME_SUFFIX}`,
        `libopenvino_genai.so.${SONAME_SUFFIX}`,
      ].map((name) => join(dir, name)),
      tokenizersLibrary: join(dir, "libopenvino_tokenizers.so"),
      sdkDir: null,
    });
  });

  test("names a site-packages folder with the three wheels", async () => {
    const dir = await files(join(folder, "site-packages"), SITE);
    expect(locate({ OPENVINO_LLM_RUNTIME: dir })).toEqual({
      source: "env",
      layout: "site-packages",
      dir,
      libraries: SITE.slice(0, 3).map((path) => join(dir, path)),
      tokenizersLibrary: join(dir, "openvino_tokenizers/lib/libopenvino_tokenizers.so"),
      sdkDir: dir,
    });
  });

  test("counts from the current folder when it is relative, and gives absolute paths", async () => {
    const dir = await files(join(folder, "flat"), FLAT);
    expect(locate({ OPENVINO_LLM_RUNTIME: relative(process.cwd(), dir) })).toMatchObject({ dir });
  });

  test("wins over the package and the cache", async () => {
    await installPackage(FLAT);
    await files(join(cache, `runtime/${RUNTIME_VERSION}/lib`), FLAT);
    const dir = await files(join(folder, "flat"), FLAT);
    expect(locate({ OPENVINO_LLM_RUNTIME: dir }).source).toBe("env");
  });

  test("is an error when it is wrong, whatever else there is", async () => {
    await files(join(cache, `runtime/${RUNTIME_VERSION}/lib`), FLAT);
    const missing = failure(() => locate({ OPENVINO_LLM_RUNTIME: "/nowhere" }));
    expect(missing).toMatchObject({ code: "ERR_RUNTIME_NOT_FOUND" });
    expect(missing.message).toContain("/nowhere is not one");
    expect(missing.message).toContain("as a flat folder: no such folder");
    expect(missing.message).toContain("unset it and get the runtime with: npx openvino-llm runtime fetch");

    const dir = await files(join(folder, "flat"), FLAT.slice(0, 2));
    expect(failure(() => locate({ OPENVINO_LLM_RUNTIME: dir })).message).toContain(
      `as a flat folder: lacks libopenvino_genai.so.${SONAME_SUFFIX}, libopenvino_tokenizers.so`,
    );
  });

  test("counts as unset when it is empty", async () => {
    await files(join(cache, `runtime/${RUNTIME_VERSION}/lib`), FLAT);
    expect(locate({ OPENVINO_LLM_RUNTIME: "" }).source).toBe("cache");
  });
});

test("an installed runtime package wins over the cache", async () => {
  const dir = await installPackage(FLAT);
  await files(join(cache, `runtime/${RUNTIME_VERSION}/lib`), FLAT);
  expect(locate()).toMatchObject({ source: "package", layout: "flat", dir: join(dir, "lib"), sdkDir: null });
});

test("the cache comes last, with its SDK where it has one", async () => {
  await files(join(cache, `runtime/${RUNTIME_VERSION}/lib`), FLAT);
  expect(locate()).toMatchObject({
    source: "cache",
    dir: join(cache, `runtime/${RUNTIME_VERSION}/lib`),
    sdkDir: null,
  });
  await mkdir(join(cache, `runtime/${RUNTIME_VERSION}/sdk`));
  expect(locate().sdkDir).toBe(join(cache, `runtime/${RUNTIME_VERSION}/sdk`));
});

test("without any runtime the error lists every place tried and the commands that get it", () => {
  const error = failure(() => locate());
  expect(error).toMatchObject({ code: "ERR_RUNTIME_NOT_FOUND" });
  expect(error.message.split("\n")).toEqual([
    `Expected the OpenVINO runtime ${RUNTIME_VERSION} but found it in none of these places:`,
    "  - OPENVINO_LLM_RUNTIME is not set",
    "  - the package openvino-llm-runtime-linux-x64 is not installed",
    `  - ${join(cache, `runtime/${RUNTIME_VERSION}/lib`)}: no such folder`,
    "Get it with: npm install --include=optional (or, with Python and pip: npx openvino-llm runtime fetch)",
  ]);
  expect(error.message).toContain(commandsToGetRuntime(resolveModule));
});

test("a package that npm links and does not fill, as in a checkout, counts as absent", async () => {
  const dir = await installPackage([]);
  const { message } = failure(() => locate());
  expect(message).toContain(`  - ${join(dir, "lib")}: no such folder\n`);
  // npm would do nothing there.
  expect(message).toMatch(/\nGet it with: npx openvino-llm runtime fetch$/);
  await files(join(cache, `runtime/${RUNTIME_VERSION}/lib`), FLAT);
  expect(locate().source).toBe("cache");
});

test("the library depends on exactly the package of its OpenVINO, and has it as a workspace", () => {
  const require = createRequire(import.meta.url);
  const library = require("../../../package.json") as { optionalDependencies: Record<string, string> };
  const runtime = require("../../../packages/runtime-linux-x64/package.json") as Record<string, unknown>;
  expect(library.optionalDependencies).toEqual({ [RUNTIME_PACKAGE]: RUNTIME_VERSION });
  expect(runtime).toMatchObject({
    name: RUNTIME_PACKAGE,
    version: RUNTIME_VERSION,
    os: ["linux"],
    cpu: ["x64"],
    libc: ["glibc"],
  });
  expect(runtime).not.toHaveProperty("scripts");
});

test("a package without its libraries is named among the places tried", async () => {
  const dir = await installPackage(FLAT.slice(1));
  expect(failure(() => locate()).message).toContain(`${join(dir, "lib")}: lacks libtbb.so.12`);
});
