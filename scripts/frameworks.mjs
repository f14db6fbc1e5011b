// Tries the library in the frameworks people use: for each an app in a temporary folder with the packed tarballs, which is
// built, run, and has to say what the chain model says. Prints a line for each way; exit code 1 where one does not end as it
// is written here. docs/bundlers.md says what was found.
//   node scripts/frameworks.mjs [--packed FOLDER] [NAME …]
// Without names all are tried. --packed: a folder with the tarballs, else they are made. Where OPENVINO_LLM_RUNTIME is set, the
// runtime is the one there, and its package is not installed. Needs the built addon, npm and its registry.
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CHAIN_TEXT, writeChainModel } from "../dist/models/gguf/chain-model.js";
import { bundlers } from "./frameworks/bundlers.mjs";
import { next } from "./frameworks/next.mjs";
import { runtimes } from "./frameworks/runtimes.mjs";
import { testRunners } from "./frameworks/test-runners.mjs";
import { runNpm, runTool } from "./run-tool.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ALL = [...bundlers, ...next, ...testRunners, ...runtimes];

const { values, positionals } = parseArgs({
  options: { packed: { type: "string" } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !ALL.some((framework) => framework.name === name));
if (unknown.length > 0) {
  throw new Error(
    `Expected names of ${ALL.map(({ name }) => name).join(", ")} but received ${unknown.join(", ")}.`,
  );
}
const folder = await realpath(await mkdtemp(join(tmpdir(), "openvino-llm-frameworks-")));
try {
  const packed = values.packed === undefined ? await pack(folder) : resolve(values.packed);
  const model = join(folder, "chain.gguf");
  await writeChainModel(model);
  const wanted = ALL.filter(({ name }) => positionals.length === 0 || positionals.includes(name)).values();
  const tryEach = async () => {
    for (const framework of wanted) await tryFramework(framework, packed, model);
  };
  // One is installed from the network while another one builds.
  await Promise.all([tryEach(), tryEach()]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** @param {import("./frameworks/framework.mjs").Framework} framework */
async function tryFramework({ name, packages, files, trials }, packed, model) {
  const app = join(folder, name);
  const versions = Object.entries(packages).map(([one, version]) => `${one}@${version}`);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(app, path)), { recursive: true });
    await writeFile(join(app, path), text);
  }
  await writeFile(join(app, "package.json"), '{ "name": "app", "private": true, "type": "module" }');
  const install = ["install", "--no-audit", "--no-fund", ...(await tarballs(packed)), ...versions];
  const installed = await runNpm(install, { cwd: app });
  const title = versions.join(" ");
  if (installed.code !== 0) return say(title, "installation", false, installed.output);
  const env = {
    ...process.env,
    PATH: `${join(app, "node_modules", ".bin")}:${dirname(process.execPath)}:${process.env.PATH}`,
    // What is in the cache of whoever runs this is not what an app has.
    OPENVINO_LLM_CACHE: join(folder, "cache"),
    MODEL: model,
    ANSWER: CHAIN_TEXT,
    RUNTIME:
      process.env.OPENVINO_LLM_RUNTIME ?? join(app, "node_modules", "openvino-llm-runtime-linux-x64", "lib"),
  };
  for (const { what, command, fails } of trials) {
    const { output } = await runTool("sh", ["-c", command], { cwd: app, env });
    const isAnswer = output.includes(CHAIN_TEXT);
    if (fails === undefined) say(title, what, isAnswer, isAnswer ? "works" : output);
    else {
      const [message] = new RegExp(`.*(?:${fails}).*`, "s").exec(output) ?? [];
      say(
        title,
        what,
        !isAnswer && message !== undefined,
        `does not work: ${(message ?? output).slice(0, 1500)}`,
      );
    }
  }
}

function say(title, what, isExpected, result) {
  const mark = isExpected ? "" : "NOT AS EXPECTED: ";
  process.stdout.write(`${title}: ${what}: ${mark}${result.trim().replaceAll(/\s+/g, " ")}\n`);
  if (!isExpected) process.exitCode = 1;
}

async function pack(destination) {
  const { code, output } = await runNpm(["pack", "--pack-destination", destination, "."]);
  if (code !== 0) throw new Error(`npm pack failed.\n${output}`);
  if (!process.env.OPENVINO_LLM_RUNTIME) {
    const script = join(root, "scripts", "pack-runtime.mjs");
    const runtime = await runTool(process.execPath, [script, "--pack-destination", destination]);
    if (runtime.code !== 0) throw new Error(runtime.output);
  }
  return destination;
}

async function tarballs(packed) {
  const wanted = process.env.OPENVINO_LLM_RUNTIME
    ? /^openvino-llm-\d.*\.tgz$/
    : /^openvino-llm-(?:runtime-linux-x64-)?\d.*\.tgz$/;
  return (await readdir(packed)).filter((name) => wanted.test(name)).map((name) => join(packed, name));
}
