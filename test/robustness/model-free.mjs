// Everything native that needs no model, good and bad, on the main thread and in a worker, for the search for leaks of
// `npm run test:asan`. Prints the addon's path.
import { isMainThread, Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { openBinding } from "../../dist/native/binding.js";
import { findAddon } from "../../dist/native/find-addon.js";
import { NativePipeline } from "../../dist/native/native-pipeline.js";
import { resolveSchedulerOptions } from "../../dist/options/resolve-scheduler-options.js";
import { locateRuntime } from "../../dist/runtime/locate.js";
import { EXPECTED_BUILDS } from "../../dist/runtime/pins.js";

const loader = createRequire(import.meta.url)(findAddon());
const core = join(dirname(findAddon()), "libopenvino_llm_core.so");
const { libraries, tokenizersLibrary } = locateRuntime();

/** Arguments of the loader that it must refuse, before anything is loaded and after. */
const REFUSED = [
  [],
  [["/nowhere.so"], core, tokenizersLibrary, EXPECTED_BUILDS],
  [[1], core, tokenizersLibrary, EXPECTED_BUILDS],
  [libraries, core, tokenizersLibrary, { openvino: "1", genai: "1" }],
  [libraries, core, tokenizersLibrary, { openvino: 1 }],
  [libraries, "/nowhere.so", tokenizersLibrary, EXPECTED_BUILDS],
  [libraries.slice(0, 1), core, tokenizersLibrary, EXPECTED_BUILDS],
];

function refuseAll(isLoaded) {
  for (const args of REFUSED) {
    // Once loaded, versions are not looked at again.
    const isAccepted =
      isLoaded && args[0]?.length === libraries.length && args[1] === core && args[3].genai === "1";
    let refused = false;
    try {
      loader.open(...args);
    } catch {
      refused = true;
    }
    if (refused === isAccepted)
      throw new Error(`Expected ${isAccepted ? "success" : "an error"} of ${JSON.stringify(args)}.`);
  }
}

async function failToLoad(scheduler) {
  const options = { path: "/nowhere", device: "CPU", properties: [["A", "B"]], maxQueue: null, scheduler };
  const pipeline = new NativePipeline(options);
  const code = await pipeline.loaded.then(
    () => "loaded",
    (error) => error.code,
  );
  if (code !== "ERR_MODEL_LOAD")
    throw new Error(`Expected ERR_MODEL_LOAD but the load of nothing gave ${code}.`);
  await pipeline.close();
  await new NativePipeline(options).close();
}

if (isMainThread) refuseAll(false);
const { core: exports, addonPath } = openBinding();
refuseAll(true);
loader.where();
exports.cpuFeatures();
await exports.listDevices(["CPU"]);
await failToLoad(null);
await failToLoad(resolveSchedulerOptions({}));
if (isMainThread) {
  await new Promise((resolve, reject) => {
    new Worker(fileURLToPath(import.meta.url)).once("error", reject).once("exit", resolve);
  });
  process.stdout.write(`${addonPath}\n`);
}
