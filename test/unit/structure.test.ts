import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The rooms of each source folder, the lowest first. A room is a folder; what lies deeper belongs to the nearest room above
 * it, and "" is the source folder itself. Files import from their own room and from rooms of lower floors, never upwards,
 * nor from another room of their floor.
 */
const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  lib: [
    ["errors"],
    ["abort", "cache"],
    ["download"],
    ["hub", "runtime"],
    ["native"],
    ["host", "models/files"],
    ["models/gguf", "models/ir"],
    ["models/adapters", "models/store"],
    ["models/inspect", "models/pull"],
    ["chat-template", "models", "options", "parsers", "structured/patterns"],
    ["structured/json-schema"],
    ["structured"],
    ["tools"],
    ["prompt"],
    ["engine-guard", "tokenizer"],
    ["profiles"],
    ["embeddings", "generation"],
    ["tool-loop"],
    ["chat"],
    ["pipelines"],
    ["host/kernels"],
    ["doctor"],
    ["cli"],
    [""],
  ],
  "packages/bench/lib": [
    ["stats"],
    ["prompts"],
    ["measure"],
    ["plan"],
    ["targets"],
    ["http", "results"],
    ["summary"],
    ["compare", "report", "run", "tune/search"],
    ["against", "capacity", "tune"],
    ["tune/formats"],
    ["cli"],
    [""],
  ],
  "packages/model-tools/lib": [["prepare"], ["synth"], ["cli"], [""]],
  "packages/langchain/lib": [["errors"], ["calls", "messages"], ["answers", "structured"], [""]],
  "packages/server/lib": [
    ["errors"],
    ["schema", "ui"],
    ["telemetry"],
    ["models"],
    ["generation"],
    ["protocols"],
    ["protocols/blocks", "protocols/openai"],
    ["protocols/chat", "protocols/completions", "protocols/embeddings", "protocols/messages"],
    ["protocols/model-list", "protocols/rerank", "protocols/responses", "protocols/server-info"],
    ["protocols/tokenizer"],
    ["service"],
    ["hosts"],
    ["server"],
    ["batch", "instances"],
    ["cli"],
    [""],
  ],
  "packages/server/ui/lib": [[""]],
  "packages/ai-sdk/lib": [["spec"], ["errors", "prompt"], ["call"], ["answer"], ["models"], [""]],
};

const MAX_LINES: readonly (readonly [pattern: RegExp, lines: number])[] = [
  [/^lib\/cli\/main\.ts$/, 60],
  [/^(?:packages\/[^/]+\/(?:ui\/)?)?lib\/.*\.ts$/, 300],
  [/^native\/.*\.(cpp|hpp|c)$/, 400],
];

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

/** The files that a file imports by relative paths, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)\.js"/g)].map(
    ([, path = ""]) => `${posix.join(dirname(file), path)}.ts`,
  );
}

/** The room that a file lies in. */
function roomOf(file: string, source: string, rooms: readonly string[]): string {
  let folder = dirname(relative(source, file));
  while (folder !== "." && !rooms.includes(folder)) folder = dirname(folder);
  return folder === "." ? "" : folder;
}

/** Files that import each other, in a circle of any length, each circle with its files in order. */
function circlesOf(files: readonly string[]): string[][] {
  const imports = new Map(files.map((file) => [file, importsOf(file)]));
  const reached = new Map(files.map((file) => [file, reachableFrom(file, imports)]));
  const inCircle = files.filter((file) => reached.get(file)?.has(file) === true);
  const circles = inCircle.map((file) =>
    inCircle
      .filter((other) => reached.get(file)?.has(other) === true && reached.get(other)?.has(file) === true)
      .toSorted(),
  );
  return [...new Map(circles.map((circle) => [circle.join(), circle])).values()];
}

/** What is imported from a file on, by at least one step. */
function reachableFrom(file: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const open = [...(imports.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(imports.get(next) ?? []));
  }
  return found;
}

describe.each(Object.keys(FLOORS))("the rooms of %s", (source) => {
  const floors = FLOORS[source] ?? [];
  const rooms = floors.flat();
  const floorOf = (room: string) => floors.findIndex((floor) => floor.includes(room));
  const files = filesUnder(source).filter((file) => file.endsWith(".ts"));

  it("all have files, and every file is in one", () => {
    const used = new Set(files.map((file) => roomOf(file, source, rooms)));
    expect([...used].toSorted()).toEqual(rooms.toSorted());
  });

  it.each(files)("%s imports only downwards", (file) => {
    const own = roomOf(file, source, rooms);
    const wrong = importsOf(file).filter((imported) => {
      const room = roomOf(imported, source, rooms);
      return !imported.startsWith(`${source}/`) || (room !== own && floorOf(room) >= floorOf(own));
    });
    expect(wrong).toEqual([]);
  });

  it("have no files that import each other, types included", () => {
    expect(files.flatMap(importsOf).length).toBeGreaterThan(files.length / 2);
    expect(circlesOf(files)).toEqual([]);
  });
});

describe("files", () => {
  const sources = Object.keys(FLOORS).flatMap(filesUnder);
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
      .filter((file) => file.endsWith(".ts") && !/^(?:packages\/[^/]+\/)?lib\/cli\//.test(file))
      .filter((file) => /\bconsole\.|process\.std(out|err)/.test(readFileSync(join(ROOT, file), "utf8")));
    expect(printing).toEqual([]);
  });
});
