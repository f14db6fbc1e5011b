import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The layers of lib/, the highest first. A file belongs to the first entry that names it or a folder above it, and may
 * import from its own layer and from lower ones, never upwards.
 */
const LAYERS: readonly (readonly string[])[] = [
  ["cli"],
  ["bench"],
  [
    "doctor",
    "models/fetch",
    "models/fetch-by-name",
    "models/index",
    "models/list",
    "models/prepare",
    "models/synth",
    "runtime/fetch",
  ],
  [
    "index",
    "llm-pipeline",
    "continuous-batching-pipeline",
    "text-embedding-pipeline",
    "text-rerank-pipeline",
  ],
  ["generation-pipeline", "load", "text-generator", "text-model", "tokenizer", "chat", "run-tools"],
  ["kernels"],
  [
    "token-stream",
    "added-tokens",
    "tokenizer-calls",
    "content-marks",
    "generation",
    "generation-result",
    "answer-plan",
    "answer-reader",
    "tool",
    "tool-messages",
    "tool-prompt",
    "json",
    "json-schema",
    "call-options",
    "timing",
    "percentile",
    "check-messages",
    "input",
    "encoded-batch",
    "engine-guard",
    "options",
    "response-format",
    "read-object",
  ],
  ["models/open", "native-convert", "native-pipeline", "native-errors"],
  ["binding", "native-text-model", "native-tokenizer"],
  ["runtime", "models", "download"],
  ["cache", "parsers", "patterns", "abort-load", "abort-listeners", "shortage", "system-errors"],
  ["errors"],
];

const MAX_LINES: readonly (readonly [pattern: RegExp, lines: number])[] = [
  [/^lib\/cli\/main\.ts$/, 60],
  [/^lib\/.*\.ts$/, 300],
  [/^native\/.*\.(cpp|hpp|c)$/, 400],
];

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function layerOf(module: string): number {
  return LAYERS.findIndex((names) => names.some((name) => module === name || module.startsWith(`${name}/`)));
}

/** The modules of lib/ that a file imports, types included: "runtime/pins" and so on. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)\.js"/g)].map(([, path = ""]) =>
    posix.join(dirname(file), path).replace(/^lib\//, ""),
  );
}

const sources = filesUnder("lib").filter((file) => file.endsWith(".ts"));

describe("the layers of lib/", () => {
  it.each(sources)("%s imports only downwards", (file) => {
    const module = file.replace(/^lib\//, "").replace(/\.ts$/, "");
    const own = layerOf(module);
    expect(own, `${module} is in no layer`).not.toBe(-1);
    const upwards = importsOf(file).filter((imported) => layerOf(imported) < own);
    expect(upwards).toEqual([]);
  });

  it("sees imports at all", () => {
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(100);
  });
});

describe("files", () => {
  const sized = [...sources, ...filesUnder("native")];

  it.each(MAX_LINES)("%s have at most %d lines", (pattern, lines) => {
    const matching = sized.filter((file) => pattern.test(file));
    expect(matching.length).toBeGreaterThan(0);
    const tooLong = matching.filter(
      (file) => readFileSync(join(ROOT, file), "utf8").split("\n").length > lines + 1,
    );
    expect(tooLong).toEqual([]);
  });

  it("only the command line prints", () => {
    const printing = sources
      .filter((file) => !file.startsWith("lib/cli/"))
      .filter((file) => /\bconsole\.|process\.std(out|err)/.test(readFileSync(join(ROOT, file), "utf8")));
    expect(printing).toEqual([]);
  });
});
