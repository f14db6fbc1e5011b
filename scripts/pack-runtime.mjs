// `npm run pack:runtime [-- --pack-destination DIR]`: makes the tarball of openvino-llm-runtime-linux-x64 from the pinned
// wheels and prints its path.
import { cp, copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { isMain } from "./is-main.mjs";
import { library } from "./library.mjs";
import { failWith, withProgress } from "./progress.mjs";
import { setup } from "./setup.mjs";
import { packStaged } from "./stage-package.mjs";

/** The libraries, their licence texts and the manifest, each library compared with the SHA-256 of its pin. */
async function fill(stage, detail) {
  const { fetchRuntime } = await library("runtime/fetch");
  const { RUNTIME_LIBRARIES } = await library("runtime/pins");
  const { sha256OfFile } = await library("download/sha256");
  const lib = await fetchRuntime({ onProgress: (event) => detail(event.detail ?? event.step) });
  await mkdir(join(stage, "lib"));
  for (const { name, sha256 } of RUNTIME_LIBRARIES) {
    const file = join(stage, "lib", name);
    await copyFile(join(lib, name), file);
    const found = await sha256OfFile(file);
    if (found !== sha256) {
      throw new Error(`Expected the sha256 ${sha256} of ${name} but it is ${found}. Remove ${dirname(lib)}.`);
    }
  }
  for (const name of ["licenses", "manifest.json"]) {
    await cp(join(dirname(lib), name), join(stage, name), { recursive: true });
  }
}

/**
 * @param {string} [destination] an existing folder for the tarball; default the repository's root
 * @returns {Promise<string>} its path
 */
export async function packRuntime(destination) {
  await setup("runtime");
  return withProgress("Packing the runtime", (detail) =>
    packStaged("packages/runtime-linux-x64", (stage) => fill(stage, detail), destination),
  );
}

if (isMain(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { "pack-destination": { type: "string" } } });
    process.stdout.write(`${await packRuntime(values["pack-destination"])}\n`);
  } catch (error) {
    failWith(error);
  }
}
