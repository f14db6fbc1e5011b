/** The models of the matrix: made from a geometry or a fixture, in any weight format, in a folder of the caller. */
import { spawn } from "node:child_process";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeGguf } from "../../dist/models/gguf/gguf-writer.js";
import { readGgufHeader } from "../../dist/models/gguf/gguf.js";
import { convertInto } from "../../dist/models/store/convert.js";
import { convertGgufNative } from "../../dist/native/native-convert.js";
import { locateRuntime } from "../../dist/runtime/locate.js";
import { buildNative } from "../build-native.mjs";
import { geometryName, randomLlama } from "./llama.mjs";

const FIXTURES = fileURLToPath(new URL("../../test/fixtures", import.meta.url));
const MODEL = /^openvino_model\./;

/**
 * @typedef {object} ModelSpec
 * @property {string | typeof import("./llama.mjs").GEOMETRY} base a fixture's name, or the geometry of a random llama
 * @property {string} format a FORMAT of native/test/weight_formats.cpp; "" leaves a fixture as it is
 * @property {string[]} [variants] VARIANTs of the same
 */

/** A name for a model, unlike that of any other, that is good for a folder. */
export function modelName({ base, format, variants = [] }) {
  return [baseName(base), format.replace(":", "."), ...variants].filter(Boolean).join("+");
}

function baseName(base) {
  return typeof base === "string" ? base : geometryName(base);
}

/**
 * Makes what of these models is not there yet.
 * @param {string} root
 * @param {ModelSpec[]} specs
 */
export async function makeModels(root, specs) {
  const bases = new Map();
  for (const spec of specs) {
    const name = baseName(spec.base);
    if (!bases.has(name)) bases.set(name, { base: spec.base, specs: new Map() });
    bases.get(name).specs.set(modelName(spec), spec);
  }
  const [program] = await buildNative({
    target: "weight_formats",
    sanitize: process.env.OPENVINO_LLM_SANITIZE,
    onLine: () => {},
  });
  for (const [name, { base, specs: wanted }] of bases) {
    const folder = typeof base === "string" ? join(FIXTURES, base) : await baseFolder(root, name, base);
    const lines = [];
    for (const [model, { format, variants = [] }] of wanted) {
      const dir = join(root, model);
      if ((await mkdir(dir, { recursive: true })) === undefined) continue;
      for (const file of await readdir(folder)) {
        if (format === "" || !MODEL.test(file)) await copyFile(join(folder, file), join(dir, file));
      }
      if (format !== "") lines.push([dir, format, ...variants].join(" "));
    }
    if (lines.length > 0) await rewrite(program, join(folder, "openvino_model.xml"), lines);
  }
}

/** The IR that GenAI makes of the random llama. The load is in f32, where no fault of the engine is known. */
async function baseFolder(root, name, geometry) {
  const folder = join(root, name);
  if ((await mkdir(folder, { recursive: true })) === undefined) return folder;
  const gguf = join(root, `${name}.gguf`);
  await writeGguf(gguf, randomLlama(geometry));
  const header = await readGgufHeader(gguf);
  const source = { file: `${name}.gguf`, sha256: "", sizeBytes: header.fileSizeBytes };
  await convertInto(folder, header, { name, source }, convertGgufNative);
  return folder;
}

/** One process for all formats of a model: reading the model takes most of the time. */
async function rewrite(program, xml, lines) {
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: locateRuntime()
      .libraries.map((path) => dirname(path))
      .join(":"),
  };
  const child = spawn(program, [xml], { env, stdio: ["pipe", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  child.stdin.end(`${lines.join("\n")}\n`);
  const code = await new Promise((done, failed) => child.once("error", failed).once("close", done));
  if (code !== 0) throw new Error(`weight_formats failed (${code}): ${stderr}`);
}
