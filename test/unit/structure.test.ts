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
    "host/cgroup",
    "host/cpu-info",
    "host/free-memory",
    "models/store/fetch",
    "models/store/fetch-by-name",
    "models/index",
    "models/list",
    "models/prepare",
    "models/synth",
    "runtime/fetch",
  ],
  [
    "index",
    "pipelines/llm-pipeline",
    "pipelines/continuous-batching-pipeline",
    "embeddings/text-embedding-pipeline",
    "embeddings/text-rerank-pipeline",
  ],
  [
    "pipelines/generation-pipeline",
    "generation/request-assembly",
    "pipelines/load",
    "pipelines/text-generator",
    "embeddings/text-model",
    "tokenizer/tokenizer",
    "chat",
    "tool-loop/run-tools",
  ],
  ["host/kernels"],
  [
    "generation/token-stream",
    "tokenizer/added-tokens",
    "tokenizer/tokenizer-calls",
    "prompt/content-marks",
    "generation/generation",
    "generation/generation-result",
    "generation/generation-model",
    "generation/answer-plan",
    "generation/answer-reader",
    "tools/tool",
    "tool-loop/tool-messages",
    "prompt/tool-prompt",
    "options/json",
    "structured/json-schema",
    "generation/call-options",
    "generation/timing",
    "generation/percentile",
    "prompt/check-messages",
    "prompt/input",
    "tokenizer/encoded-batch",
    "engine-guard",
    "options",
    "structured",
    "tools",
    "tokenizer/tokenizer-options",
    "embeddings/text-model-options",
    "structured/response-format",
    "structured/read-object",
  ],
  ["models/open", "native/native-convert", "native/native-pipeline", "native/native-errors"],
  [
    "native/binding",
    "native/find-addon",
    "native/native-logits",
    "native/native-plugin",
    "native/native-profile",
    "native/native-request",
    "native/native-text-model",
    "native/native-tokenizer",
  ],
  [
    "runtime",
    "models/files",
    "models/gguf",
    "models/ir",
    "models/adapters",
    "models/store",
    "models/inspect",
    "models/config",
    "download",
  ],
  [
    "cache",
    "parsers",
    "structured/patterns",
    "abort/abort-load",
    "abort/abort-listeners",
    "errors/shortage",
    "errors/system-errors",
  ],
  ["errors/errors"],
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
