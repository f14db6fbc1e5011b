import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { anchorsOf, relativeLinksOf } from "../../scripts/site/markdown.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Folders of what is fetched, built, or somebody else's. */
const NOT_OURS = /^(?:node_modules|dist|build|prebuilds|fixtures|html|pages|model|\..*)$/;

/** All files of the repository that are ours, by their path from its root. */
let files: ReadonlySet<string>;
/** The Markdown files among them. */
const texts = new Map<string, string>();

beforeAll(async () => {
  files = new Set(await filesBelow(ROOT));
  for (const file of files)
    if (file.endsWith(".md")) texts.set(file, await readFile(join(ROOT, file), "utf8"));
});

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [relative(ROOT, path)];
    return NOT_OURS.test(entry.name) ? [] : filesBelow(path);
  });
  return (await Promise.all(found)).flat();
}

/** Whether a path from the root is a file or a folder of ours. */
function exists(path: string): boolean {
  return files.has(path) || [...files].some((file) => file.startsWith(`${path.replace(/\/$/, "")}/`));
}

test("every relative link leads to a file, and every anchor to a heading", () => {
  expect([...texts.keys()]).toEqual(
    expect.arrayContaining(["README.md", "docs/limits.md", "packages/server/README.md", "CONTRIBUTING.md"]),
  );
  const dead: string[] = [];
  let count = 0;
  for (const [name, text] of texts) {
    for (const link of relativeLinksOf(text)) {
      count++;
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? name : posix.normalize(posix.join(posix.dirname(name), file));
      if (!exists(target)) dead.push(`${name}: ${link}`);
      else if (anchor !== undefined && !anchorsOf(texts.get(target) ?? "").has(anchor))
        dead.push(`${name}: ${link} (no such heading)`);
    }
  }
  expect(dead).toEqual([]);
  expect(count).toBeGreaterThan(150);
});

test("documents and programs that a text names in code are there", () => {
  const gone: string[] = [];
  for (const [name, text] of texts) {
    if (name.endsWith("CHANGELOG.md")) continue;
    for (const [, path = ""] of text.matchAll(
      /\b((?:docs|scripts|benchmarks|examples)\/[\w./-]+\.(?:mjs|md|json))\b/g,
    )) {
      if (!exists(path) && !exists(posix.join(posix.dirname(name), path))) gone.push(`${name}: ${path}`);
    }
  }
  expect(gone).toEqual([]);
});

test("every document is reached from README", () => {
  const reached = new Set(["README.md"]);
  for (const name of reached) {
    for (const link of relativeLinksOf(texts.get(name) ?? "")) {
      const target = posix.normalize(posix.join(posix.dirname(name), link.split("#")[0] ?? ""));
      if (texts.has(target)) reached.add(target);
    }
  }
  const documents = [...texts.keys()].filter((file) => /^docs\/[^/]+\.md$/.test(file));
  expect(documents.filter((file) => !reached.has(file))).toEqual([]);
});

test("README is one page", () => {
  expect((texts.get("README.md") ?? "").split("\n").length).toBeLessThanOrEqual(170);
});

test("the picture of README is small and asks for nothing elsewhere", async () => {
  const picture = await readFile(join(ROOT, "docs/demo.svg"), "utf8");
  expect(picture.length).toBeLessThan(100_000);
  expect(picture).toContain("Time to first token (TTFT)");
  expect(picture).not.toMatch(/<script|<image|url\(|href=/);
});
