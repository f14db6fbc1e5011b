import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const NATIVE = fileURLToPath(new URL("../../native", import.meta.url));

/** The rooms of native/, and the others that each may include. */
const MAY_INCLUDE: Readonly<Record<string, readonly string[]>> = {
  genai: [],
  base: [],
  text: ["base", "genai"],
  engine: ["text", "base", "genai"],
  probe: ["base", "genai"],
  js: ["engine", "text", "probe", "base", "genai"],
  test: ["engine", "text", "base", "genai"],
};

/** Headers of Node: only JavaScript's side knows them, and the loader, which is a file beside the rooms. */
const OF_NODE = /^(?:napi|node_api|js_native_api|node|uv|v8)(?:[.-].*)?\.h$/;

/** Folders that are no rooms: what node-gyp takes for Node's headers. */
const NO_ROOMS = ["nodedir"];

interface Source {
  /** From native/: "engine/worker.hpp". */
  readonly path: string;
  readonly room: string;
  /** As they stand between quotes. */
  readonly quoted: readonly string[];
  /** As they stand between angle brackets. */
  readonly angled: readonly string[];
  readonly text: string;
}

function read(path: string): Source {
  const text = readFileSync(join(NATIVE, path), "utf8");
  const includes = (form: RegExp) => [...text.matchAll(form)].map(([, name = ""]) => name);
  return {
    path,
    room: path.split("/")[0] ?? "",
    quoted: includes(/^\s*#\s*include\s*"([^"]+)"/gm),
    angled: includes(/^\s*#\s*include\s*<([^>]+)>/gm),
    text,
  };
}

const entries = readdirSync(NATIVE, { withFileTypes: true });
const sources = Object.keys(MAY_INCLUDE).flatMap((room) =>
  readdirSync(join(NATIVE, room), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(?:c|h|cpp|hpp)$/.test(file))
    .map((file) => read(`${room}/${file}`)),
);
const paths = new Set(sources.map(({ path }) => path));

/** A header and the source of the same name are one unit. */
const unitOf = (path: string) => path.replace(/\.\w+$/, "");

/** The units that lie on a way from one to itself, as ways: "a > b > a". */
function cyclesOf(includes: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (unit: string, way: readonly string[]): void => {
    const before = way.indexOf(unit);
    if (before !== -1) found.push([...way.slice(before), unit].join(" > "));
    if (before !== -1 || done.has(unit)) return;
    for (const next of includes.get(unit) ?? []) visit(next, [...way, unit]);
    done.add(unit);
  };
  for (const unit of includes.keys()) visit(unit, []);
  return found;
}

describe("the rooms of native/", () => {
  it("are all the folders there are, and only the loader stands beside them", () => {
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders.toSorted()).toEqual([...Object.keys(MAY_INCLUDE), ...NO_ROOMS].toSorted());
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files).toEqual(["loader.c"]);
  });

  it.each(sources)("$path includes from native/, only what its room may include", (source) => {
    const allowed = [source.room, ...(MAY_INCLUDE[source.room] ?? [])];
    const wrong = source.quoted.filter((name) =>
      paths.has(name) ? !allowed.includes(name.split("/")[0] ?? "") : !name.startsWith("openvino/"),
    );
    expect(wrong).toEqual([]);
    const ours = source.angled.filter((name) => paths.has(name));
    expect(ours, "our own stand between quotes").toEqual([]);
  });

  it.each(sources.filter(({ room }) => room !== "js"))("$path knows nothing of Node", (source) => {
    expect([...source.quoted, ...source.angled].filter((name) => OF_NODE.test(name))).toEqual([]);
  });

  it("have no cycles, of any length", () => {
    const includes = new Map<string, Set<string>>();
    for (const { path, quoted } of sources) {
      const own = unitOf(path);
      const others = includes.get(own) ?? new Set<string>();
      for (const name of quoted) if (paths.has(name) && unitOf(name) !== own) others.add(unitOf(name));
      includes.set(own, others);
    }
    expect(cyclesOf(includes)).toEqual([]);
    expect([...includes.values()].reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(100);
  });
});

describe("what JavaScript sees", () => {
  const snake = (name: string) => name.replaceAll(/(?<=.)[A-Z]/g, "_$&").toLowerCase();
  const wrapped = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/class (\w+)[^;{]*\bObjectWrap</g)].map(([, name = ""]) => ({ name, path })),
  );

  it("is there", () => expect(wrapped.length).toBeGreaterThan(2));

  it.each(wrapped)("$name of $path is XWrap in js/x_wrap, and X for JavaScript", ({ name, path }) => {
    expect(name).toMatch(/^\w+Wrap$/);
    expect(path).toBe(`js/${snake(name)}.hpp`);
    const source = read(path.replace(/hpp$/, "cpp")).text;
    const [, seen] = /DefineClass\(\s*env,\s*"(\w+)"/.exec(source) ?? [];
    expect(seen).toBe(name.replace(/Wrap$/, ""));
  });

  const bindings = [...paths].filter((path) => path.endsWith("_binding.hpp"));

  it.each(bindings)("%s is named after what it binds", (path) => {
    const bound = path.replace(/^js\/(\w+)_binding\.hpp$/, "$1.hpp");
    expect(["text", "engine", "probe"].filter((room) => paths.has(`${room}/${bound}`))).toHaveLength(1);
  });
});
