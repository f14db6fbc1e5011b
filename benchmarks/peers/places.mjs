// Where setup.mjs puts what the peers need, and where run.mjs looks for it.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDir } from "../../dist/cache/cache.js";
import { KNOWN_MODELS } from "../../dist/models/store/known-models.js";

export const MODEL = KNOWN_MODELS.get("smollm2-135m-instruct");

export const here = dirname(fileURLToPath(import.meta.url));

/** In the cache: large, and the same for every checkout. */
const folder = join(cacheDir(), "peers");

/** The folder with the GGUF file as it was published. */
export const ggufFolder = join(folder, `gguf-${MODEL.gguf.sha256.slice(0, 16)}`);
export const ggufFile = join(ggufFolder, MODEL.gguf.path);

/** The ONNX models made from it. */
export const onnxFolder = join(folder, `onnx-${MODEL.gguf.sha256.slice(0, 16)}`);

/** A Python with what the export needs. */
export const venv = join(folder, "venv");
export const requirements = join(here, "requirements-onnx.txt");
