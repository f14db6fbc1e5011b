// `npm run pack:runtime [-- --pack-destination DIR]`: makes the tarball of openvino-llm-runtime-linux-x64 from the pinned
// wheels and prints its path.
import { cp, copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL, fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { printFailure, withProgress } from "./progress.mjs";
import { setup } from "./setup.mjs";
import { packStaged } from "./stage-package.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const library = (module) => import(pathToFileURL(join(root, "dist", `${module}.js`)).href);

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

try {
  const { values } = parseArgs({ options: { "pack-destination": { type: "string" } } });
  await setup("runtime");
  const tarball = await withProgress("Packing the runtime", (detail) =>
    packStaged("runtime-linux-x64", (stage) => fill(stage, detail), values["pack-destination"]),
  );
  process.stdout.write(`${tarball}\n`);
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
