import { createReadStream } from "node:fs";

import { readFailure } from "../files/json-file.js";

/** What the `.xml` file of an IR says of itself and of the `.bin` file beside it. */
export interface IrFacts {
  /** The versions of what wrote the IR, by the name of the program as a user knows it. */
  readonly versions: ReadonlyMap<string, string>;
  /** Where the last constant ends in the `.bin` file; 0 when there is none. */
  readonly weightsEndBytes: number;
  /** Properties that the model brings along, which hold where the caller sets none: `KV_CACHE_PRECISION` and the like. */
  readonly runtimeOptions: ReadonlyMap<string, string>;
}

/**
 * Under which names the serialiser of OpenVINO (two of them, for old and for new versions), the tokenizer conversion
 * of Python and GenAI's conversion of GGUF keep their versions in `<rt_info>`.
 */
const WRITERS: ReadonlyMap<string, string> = new Map([
  ['info name="OpenVINO Runtime"', "OpenVINO"],
  ["Runtime_version", "OpenVINO"],
  ["openvino_version", "OpenVINO"],
  ["openvino_tokenizers_version", "OpenVINO Tokenizers"],
  ["openvino_genai_version", "OpenVINO GenAI"],
]);

const VERSION = new RegExp(`<(${[...WRITERS.keys()].join("|")})\\s+value="([^"]{0,200})"`, "g");
/** Those in `<runtime_options>` that OpenVINO's CPU plugin reads. */
const RUNTIME_OPTION =
  /<((?:KV|KEY|VALUE)_CACHE_PRECISION|(?:KEY|VALUE)_CACHE_GROUP_SIZE|DYNAMIC_QUANTIZATION_GROUP_SIZE)\s+value="([^"]{0,40})"/g;
/** As the serialiser writes them; nothing else in an IR has these two attributes side by side. */
const EXTENT = /\soffset="(\d{1,20})"\s+size="(\d{1,20})"/g;
/** No match is longer, so this much of a chunk is looked at again with the next one. */
const OVERLAP = 512;

/**
 * Looks through the `.xml` file of an IR, which has megabytes, without keeping it.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the file cannot be read.
 */
export async function scanIr(path: string): Promise<IrFacts> {
  const versions = new Map<string, string>();
  const runtimeOptions = new Map<string, string>();
  let weightsEndBytes = 0;
  let rest = "";
  try {
    // One character per byte: what is looked for is ASCII, and no character is cut in two.
    for await (const chunk of createReadStream(path, { encoding: "latin1", highWaterMark: 1 << 18 })) {
      const text = rest + String(chunk);
      for (const [, element = "", version = ""] of text.matchAll(VERSION)) {
        const writer = WRITERS.get(element) ?? element;
        const known = versions.get(writer);
        // An IR that was read and written again may have the versions of both writers.
        if (known === undefined || isNewer(version, known)) versions.set(writer, version);
      }
      for (const [, offset, size] of text.matchAll(EXTENT)) {
        weightsEndBytes = Math.max(weightsEndBytes, Number(offset) + Number(size));
      }
      for (const [, name = "", value = ""] of text.matchAll(RUNTIME_OPTION)) runtimeOptions.set(name, value);
      rest = text.slice(-OVERLAP);
    }
  } catch (cause) {
    throw readFailure(path, cause);
  }
  return { versions, weightsEndBytes, runtimeOptions };
}

/**
 * Whether a version is newer than another one, by year, minor and patch number: what follows them names a build. False
 * when one of them is not of that form.
 */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(than)];
  if (a === null || b === null) return false;
  for (const [i, number] of a.entries()) {
    const other = b[i] ?? 0;
    if (number !== other) return number > other;
  }
  return false;
}

function numbersOf(version: string): number[] | null {
  const match = /^(\d{4})\.(\d+)\.(\d+)(?!\d)/.exec(version);
  return match === null ? null : match.slice(1).map(Number);
}
