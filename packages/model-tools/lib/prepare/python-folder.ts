import { fileURLToPath } from "node:url";

/** The Python files of this package. They stand beside the sources; compiled code is as deep in the package. */
export const PYTHON_FOLDER = fileURLToPath(new URL("../../lib/prepare/python/", import.meta.url));
