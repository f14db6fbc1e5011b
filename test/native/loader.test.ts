import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBinding } from "../../lib/native/binding.js";
import { EXPECTED_BUILDS, RUNTIME_VERSION, SONAME_SUFFIX } from "../../lib/runtime/pins.js";
import { runNode } from "../helpers/run-node.js";
import { given, needs } from "../helpers/needs.js";

// Each case has a process of its own, because what the loader opens stays in the process.

let folder: string;
let good: [libraries: string[], core: string, tokenizers: string, expected: typeof EXPECTED_BUILDS];
let addonPath: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-loader-"));
  const { runtime, addonPath: path } = openBinding();
  addonPath = path;
  const core = join(dirname(addonPath), "libopenvino_llm_core.so");
  good = [runtime.libraries, core, runtime.tokenizersLibrary, EXPECTED_BUILDS];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `script` with the loader as `loader` and its good arguments as `good`; gives what `say` was called with. */
async function withLoader(script: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const program = `
    const loader = require(${JSON.stringify(addonPath)});
    const good = ${JSON.stringify(good)};
    const [libraries, core, tokenizers, expected] = good;
    const say = (value) => process.stdout.write(JSON.stringify(value));
    const attempt = (...values) => {
      try { return Object.keys(loader.open(...values)); } catch (e) { return { code: e.code, message: e.message }; }
    };
    const mapped = (name) => require("node:fs").readFileSync("/proc/self/maps", "utf8").includes(name);
    ${script}
  `;
  const { code, stdout, stderr } = await runNode(["-e", program], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

/** Builds a library that gives its version as `version`, under the name that the loader knows it by. */
async function libraryOfVersion(name: string, symbol: string, version: string): Promise<string> {
  const dir = await mkdtemp(join(folder, "library-"));
  const source = join(dir, "library.c");
  await writeFile(
    source,
    `struct version { const char *build, *description; };
     struct version ${symbol}(void) { struct version v = {"${version}", ""}; return v; }`,
  );
  const library = join(dir, name);
  await promisify(execFile)("cc", ["-shared", "-fPIC", `-Wl,-soname,${name}`, "-o", library, source]);
  return library;
}

describe("versions", () => {
  test("another OpenVINO is refused with both versions and its path, before the core is opened", async () => {
    const other = await libraryOfVersion(
      `libopenvino.so.${SONAME_SUFFIX}`,
      "get_openvino_version",
      "2025.4.0-20398-8fdad55727d",
    );
    const script = `
      const failure = attempt([libraries[0], ${JSON.stringify(other)}, libraries[2]], core, tokenizers, expected);
      say({ ...failure, core: mapped("libopenvino_llm_core"), genai: mapped("libopenvino_genai"), where: loader.where() });
    `;
    expect(await withLoader(script)).toEqual({
      code: "ERR_RUNTIME_VERSION",
      message: `Expected OpenVINO ${EXPECTED_BUILDS.openvino} but ${other} is version 2025.4.0-20398-8fdad55727d.`,
      core: false,
      genai: false,
      where: [],
    });
  });

  test("another GenAI is refused likewise", async () => {
    const other = await libraryOfVersion(
      `libopenvino_genai.so.${SONAME_SUFFIX}`,
      "get_version",
      `${RUNTIME_VERSION}.0-3409-0123456789a`,
    );
    const script = `
      const failure = attempt([libraries[0], libraries[1], ${JSON.stringify(other)}], core, tokenizers, expected);
      say({ ...failure, core: mapped("libopenvino_llm_core") });
    `;
    expect(await withLoader(script)).toEqual({
      code: "ERR_RUNTIME_VERSION",
      message: `Expected OpenVINO GenAI ${EXPECTED_BUILDS.genai} but ${other} is version ${RUNTIME_VERSION}.0-3409-0123456789a.`,
      core: false,
    });
  });

  test("a version that only begins like the expected one is another one", async () => {
    const other = await libraryOfVersion(
      `libopenvino.so.${SONAME_SUFFIX}`,
      "get_openvino_version",
      `${EXPECTED_BUILDS.openvino}0`,
    );
    const script = `say(attempt([libraries[0], ${JSON.stringify(other)}, libraries[2]], core, tokenizers, expected))`;
    expect(await withLoader(script)).toMatchObject({ code: "ERR_RUNTIME_VERSION" });
  });

  test("a library without a version is refused", async () => {
    const other = await libraryOfVersion(
      `libopenvino.so.${SONAME_SUFFIX}`,
      "something_else",
      EXPECTED_BUILDS.openvino,
    );
    const script = `say(attempt([libraries[0], ${JSON.stringify(other)}, libraries[2]], core, tokenizers, expected))`;
    expect(await withLoader(script)).toMatchObject({
      code: "ERR_RUNTIME_VERSION",
      message: expect.stringContaining(`${other} is version unknown`),
    });
  });

  test("a load without OpenVINO among the libraries is refused", async () => {
    expect(await withLoader("say(attempt([libraries[0]], core, tokenizers, expected))")).toMatchObject({
      code: "ERR_RUNTIME_NOT_FOUND",
      message: expect.stringContaining("libopenvino.so and libopenvino_genai.so"),
    });
  });
});

describe("files", () => {
  test("a missing library and a file that is none are named", async () => {
    const text = join(folder, "libtbb.so.12");
    await writeFile(text, "no library");
    const script = `say([
      attempt(["/nowhere/libtbb.so.12"], core, tokenizers, expected),
      attempt([${JSON.stringify(text)}], core, tokenizers, expected),
    ])`;
    expect(await withLoader(script)).toEqual([
      { code: "ERR_RUNTIME_NOT_FOUND", message: expect.stringContaining("/nowhere/libtbb.so.12") },
      {
        code: "ERR_RUNTIME_NOT_FOUND",
        message: expect.stringMatching(`${text}: .*(too short|invalid ELF header)`),
      },
    ]);
  });

  test("a missing core is named, and a second attempt with the right one works", async () => {
    const script = `
      const failure = attempt(libraries, "/nowhere/core.so", tokenizers, expected);
      say([failure, attempt(...good).includes("Pipeline")]);
    `;
    expect(await withLoader(script)).toEqual([
      { code: "ERR_ADDON_NOT_FOUND", message: expect.stringContaining("/nowhere/core.so") },
      true,
    ]);
  });

  test("where() gives the real paths of what was loaded, the core last", async () => {
    const real = await Promise.all([...good[0], good[1]].map((path) => realpath(path)));
    expect(await withLoader("loader.open(...good); say(loader.where())")).toEqual(real);
  });

  test("a folder of links is as good as the files, and a path with a space does no harm", async () => {
    const dir = join(folder, "with a space");
    await mkdir(dir);
    for (const library of good[0]) await symlink(library, join(dir, basename(library)));
    const script = `say(attempt(libraries.map((path) => path.replace(/.*\\//, ${JSON.stringify(`${dir}/`)})), core, tokenizers, expected))`;
    expect(await withLoader(script)).toContain("Pipeline");
  });

  test("LD_LIBRARY_PATH that names another runtime does not win", async () => {
    const other = await libraryOfVersion(
      `libopenvino.so.${SONAME_SUFFIX}`,
      "get_openvino_version",
      "2025.4.0",
    );
    const answer = await withLoader("loader.open(...good); say(loader.where())", {
      LD_LIBRARY_PATH: dirname(other),
    });
    expect(answer).toContain(await realpath(good[0][1]!));
  });

  test("a second copy of a library in the process is refused, because needs would be met by the first", async () => {
    const copy = join(folder, "copy", basename(good[0][0]!));
    await mkdir(dirname(copy));
    await copyFile(good[0][0]!, copy);
    const script = `
      attempt([${JSON.stringify(copy)}], core, tokenizers, expected);
      say(attempt(...good));
    `;
    expect(await withLoader(script)).toEqual({
      code: "ERR_RUNTIME_VERSION",
      message: expect.stringContaining(`${copy} is loaded already`),
    });
  });
});

describe("environments", () => {
  const inWorker = (args: unknown) => `
    const { Worker } = require("node:worker_threads");
    const answer = () => new Promise((resolve, reject) => new Worker(${JSON.stringify(`
      const { parentPort, workerData } = require("node:worker_threads");
      const loader = require(workerData.addon);
      try { parentPort.postMessage(Object.keys(loader.open(...workerData.args))); }
      catch (e) { parentPort.postMessage({ code: e.code, message: e.message }); }
    `)}, { eval: true, workerData: { addon: ${JSON.stringify(addonPath)}, args: ${JSON.stringify(args)} } })
      .once("message", resolve).once("error", reject));
  `;

  test("worker threads open the same runtime, together and one after the other, also when the main thread has not", async () => {
    const script = `
      ${inWorker(good)}
      (async () => {
        const together = await Promise.all([answer(), answer(), answer()]);
        const after = await answer();
        say([...together, after, attempt(...good)].map((names) => names.includes("Pipeline")));
      })();
    `;
    expect(await withLoader(script)).toEqual([true, true, true, true, true]);
  });

  test("a worker thread that asks for other libraries is refused with the ones that are in use", async () => {
    const dir = join(folder, "other");
    await mkdir(dir);
    for (const library of good[0]) await copyFile(library, join(dir, basename(library)));
    const others = good[0].map((path) => join(dir, basename(path)));
    const [, ...rest] = good;
    const script = `
      ${inWorker([others, ...rest])}
      loader.open(...good);
      answer().then(say);
    `;
    expect(await withLoader(script)).toEqual({
      code: "ERR_RUNTIME_VERSION",
      message: expect.stringMatching(`already uses \\(.*/libtbb.so.12\\) but ${others[0]} was asked for`),
    });
  });
});

test.each([
  ["nothing", "[]"],
  ["no array", "['x', core, tokenizers, expected]"],
  ["a number among the libraries", "[[1], core, tokenizers, expected]"],
  ["more libraries than there are", "[new Array(100).fill('x'), core, tokenizers, expected]"],
  ["no versions", "[libraries, core, tokenizers, {}]"],
])("a call with %s is a TypeError", async (_, args) => {
  expect(await withLoader(`say(attempt(...${args}))`)).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
});

test("the tokenizers' variable names the library that was given, wherever it lies and whatever it named before", async () => {
  // GenAI unsets a variable that it had to set itself after each load, also under a load that goes on at the same time.
  const elsewhere = join(folder, "libopenvino_tokenizers.so");
  await copyFile(good[2], elsewhere);
  const print = `loader.open(libraries, core, NAME, expected);
    say(process.env.OPENVINO_TOKENIZERS_PATH_GENAI ?? null)`;
  expect(await withLoader(print.replace("NAME", "tokenizers"))).toBe(good[2]);
  expect(await withLoader(print.replace("NAME", JSON.stringify(elsewhere)))).toBe(elsewhere);
  const foreign = { OPENVINO_TOKENIZERS_PATH_GENAI: "/nowhere/other.so" };
  expect(await withLoader(print.replace("NAME", "tokenizers"), foreign)).toBe(good[2]);
});

test("the loader itself needs nothing but libc", given(needs.noSanitizer), async () => {
  const { stdout } = await promisify(execFile)("readelf", ["-d", addonPath]);
  expect([...stdout.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map((match) => match[1])).toEqual(["libc.so.6"]);
  expect((await readFile(addonPath)).length).toBeLessThan(100_000);
});
