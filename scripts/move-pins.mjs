// `npm run pins:move -- 2026.4.0`: moves everything to another OpenVINO as far as a machine can. Its three wheels come through
// pip; what they are and hold is written to lib/runtime/openvino-build.ts and the manifests; then the addon is built, the
// interface to GenAI is compared with the libraries, and what is left for a person is printed.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { library } from "./library.mjs";
import { failWith, withProgress } from "./progress.mjs";
import { runNpm, runTool, showTool } from "./run-tool.mjs";
import { setup } from "./setup.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PINS = "lib/runtime/openvino-build.ts";
const RUNTIME = "packages/runtime-linux-x64/package.json";
const PROJECTS = { openvino: "openvino", tokenizers: "openvino-tokenizers", genai: "openvino-genai" };
/** What says whether the declarations in native/genai are those of the libraries. */
const COMPARISONS = ["test/native/conformance.test.ts", "test/native/generation-defaults.test.ts"];

try {
  const { values, positionals } = parseArgs({
    options: { "pins-only": { type: "boolean" } },
    allowPositionals: true,
  });
  const [version = ""] = positionals;
  if (!/^20\d\d\.\d+\.\d+$/.test(version)) {
    throw new Error(
      `Expected a version of OpenVINO, as in: npm run pins:move -- 2026.4.1 (received "${version}")`,
    );
  }
  await setup("dist");
  const before = (await library("runtime/pins")).RUNTIME_VERSION;
  const build = await withProgress(`Fetching OpenVINO ${version}`, (detail) => describe(version, detail));
  await writePins(build);
  if (values["pins-only"] !== true) {
    // In a process of its own: this one has the old pins in memory.
    const made = await showTool(process.execPath, [join(root, "scripts", "setup.mjs"), "addon"]);
    if (made !== 0) throw new Error("The set-up failed; the pins are written.");
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    process.exitCode = await showTool(process.execPath, [vitest, "run", ...COMPARISONS]);
  }
  process.stdout.write(await whatIsLeft(before, version));
} catch (error) {
  failWith(error);
}

/** The content of the pins, from the wheels themselves. */
async function describe(version, detail) {
  const { RUNTIME_LIBRARIES, SONAME_SUFFIX } = await library("runtime/pins");
  const { sha256OfFile } = await library("download/sha256");
  const { unzipWheel } = await library("download/python");
  const { findBuild } = await library("doctor/versions");
  const suffix = version.slice(2).replaceAll(".", "");
  const folder = await mkdtemp(join(tmpdir(), "openvino-llm-pins-"));
  try {
    const wheels = {};
    for (const [name, project] of Object.entries(PROJECTS)) {
      const dir = join(folder, name);
      const file = await download(`${project}==${version}.*`, dir, detail);
      detail(`unpack ${file}`);
      await unzipWheel(join(dir, file), join(folder, "site"));
      wheels[name] = { version: file.split("-")[1], file, sha256: await sha256OfFile(join(dir, file)) };
    }
    const libraries = {};
    const site = join(folder, "site");
    for (const { name, sitePackages } of RUNTIME_LIBRARIES) {
      const now = name.replace(new RegExp(`\\.so\\.${SONAME_SUFFIX}$`), `.so.${suffix}`);
      libraries[now] = await sha256OfFile(join(site, sitePackages, now)).catch(async () => {
        const found = (await readdir(join(site, sitePackages))).filter((file) => file.includes(".so"));
        throw new Error(
          `Expected ${now} in the folder ${sitePackages} of the wheels but it has ${found.join(", ")}. ` +
            `Name what is needed in ${PINS}, then try again.`,
        );
      });
    }
    const buildOf = async (path) => (await findBuild(join(site, path)))?.replace(/-releases.*/, "");
    const builds = {
      openvino: await buildOf(`openvino/libs/libopenvino.so.${suffix}`),
      genai: await buildOf(`openvino_genai/libopenvino_genai.so.${suffix}`),
    };
    return { version, builds, wheels, libraries };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns {Promise<string>} the file name of the wheel */
async function download(requirement, dir, detail) {
  const { findPython } = await library("download/python");
  await mkdir(dir);
  const args = [
    "-m pip download --progress-bar off --disable-pip-version-check --no-input --no-deps".split(" "),
    "--only-binary :all: --implementation cp --python-version 3.11 --abi cp311 --abi abi3 --abi none".split(
      " ",
    ),
    "--platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64".split(" "),
    ["--dest", dir, requirement],
  ].flat();
  const { code, output } = await runTool(await findPython(), args, { cwd: dir, onLine: detail });
  if (code !== 0) throw new Error(`pip could not download ${requirement}.\n${output}`);
  return (await readdir(dir))[0];
}

async function writePins(build) {
  const path = join(root, PINS);
  const text = await readFile(path, "utf8");
  const start = text.indexOf("export const OPENVINO_BUILD = ");
  await writeFile(
    path,
    `${text.slice(0, start)}export const OPENVINO_BUILD = ${JSON.stringify(build)} as const;\n`,
  );
  const prettier = join(root, "node_modules", "prettier", "bin", "prettier.cjs");
  await expectSuccess("prettier", runTool(process.execPath, [prettier, "--write", PINS]));
  const { name } = JSON.parse(await readFile(join(root, RUNTIME), "utf8"));
  await rewrite(RUNTIME, /("version": ")[^"]+/, build.version);
  await rewrite("package.json", new RegExp(`("${name}": ")[^"]+`), build.version);
  const lock = ["install", "--package-lock-only", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await expectSuccess("npm install --package-lock-only", runNpm(lock));
}

async function rewrite(file, pattern, version) {
  const text = await readFile(join(root, file), "utf8");
  await writeFile(join(root, file), text.replace(pattern, `$1${version}`));
}

async function expectSuccess(what, running) {
  const { code, output } = await running;
  if (code !== 0) throw new Error(`${what} failed.\n${output}`);
}

async function whatIsLeft(before, version) {
  // Files that say what a version was measured to do; samples in tests and what other programs wrote stay as they are.
  const places = [
    "*.md",
    "lib",
    "native",
    "packages/*/lib",
    "docs/engine-matrix.json",
    ":!lib/runtime/openvino-build.ts",
  ];
  const { output } = await runTool("git", [
    "grep",
    "--line-number",
    "--fixed-strings",
    before,
    "--",
    ...places,
  ]);
  const lines = output.split("\n").filter((line) => !line.includes("docs/performance"));
  return [
    "",
    `The pins are those of OpenVINO ${version}. What is left for a person, in CONTRIBUTING.md, "Another GenAI":`,
    "- what the comparison above reports, in native/genai and in the table of generation options;",
    "- node scripts/engine-matrix.mjs and node scripts/scheduler-search.mjs: lib/engine-guard, lib/options/scheduler-rules.ts,",
    "  docs/engine-faults.md and docs/engine-matrix.json say what the version before did;",
    "- packages/model-tools/lib/prepare/python/requirements.txt, by pin-requirements.py;",
    "- a changeset, and npm test;",
    ...(before === version
      ? []
      : [`- these lines, which name ${before}:`, ...lines.map((line) => `    ${line.slice(0, 160)}`)]),
    "",
  ].join("\n");
}
