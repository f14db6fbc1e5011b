/** Versions of what takes part; those of the libraries from their files: it works where they cannot be opened. */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { RuntimeLocation } from "../runtime/locate.js";
import { RUNTIME_WHEELS, TOKENIZERS_LIBRARY } from "../runtime/pins.js";
import { packageVersion } from "../runtime/package-version.js";
import { sha256OfFile } from "../download/sha256.js";
import type { Versions } from "./report.js";

/** "2026.4.1-22982-e213a147257-releases/2026/4" or "2026.4.1.0-3408-ab01d1771e4": version, build, commit, branch. */
const BUILD = /\b20\d\d\.\d+\.\d+(?:\.\d+)?-\d+-[0-9a-f]{7,40}[\w./-]*/;
/** Longer than any build name. */
const OVERLAP = 128;

/** What is here; of a library null where there is no runtime, or its file cannot be read or does not have it. */
export async function readVersions(runtime: RuntimeLocation | null): Promise<Omit<Versions, "oneDnn">> {
  const buildOf = async (prefix: string) => {
    const library = runtime?.libraries.find((path) => basename(path).startsWith(prefix));
    return library === undefined ? null : findBuild(library).catch(() => null);
  };
  return {
    package: packageVersion(),
    node: process.versions.node,
    openvino: await buildOf("libopenvino.so"),
    genai: await buildOf("libopenvino_genai.so"),
    tokenizers: runtime && (await tokenizersBuild(runtime.tokenizersLibrary).catch(() => null)),
  };
}

/** The first build name in a binary file. */
export async function findBuild(path: string): Promise<string | null> {
  let tail = "";
  for await (const chunk of createReadStream(path, { encoding: "latin1", highWaterMark: 1 << 20 })) {
    const text: string = tail + String(chunk);
    const found = BUILD.exec(text);
    // A name that touches the end may go on in the next chunk.
    if (found !== null && found.index + found[0].length < text.length) return found[0];
    tail = text.slice(-OVERLAP);
  }
  return BUILD.exec(tail)?.[0] ?? null;
}

async function tokenizersBuild(library: string): Promise<string | null> {
  if ((await sha256OfFile(library)) === TOKENIZERS_LIBRARY.sha256) {
    return RUNTIME_WHEELS.tokenizers.requirement.split("==").at(1) ?? null;
  }
  // In a site-packages folder: openvino_tokenizers/lib/<library> beside openvino_tokenizers/__version__.py.
  const file = await readFile(join(dirname(library), "..", "__version__.py"), "utf8");
  return /^__version__ = "([^"]+)"/m.exec(file)?.[1] ?? null;
}
