import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { packedFiles, PACKAGE_FOLDERS, ROOT } from "./packed-app.js";

/** Relative links of a Markdown text, without those in code. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/```.*?```|`[^`\n]*`/gs, "");
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g), ...prose.matchAll(/\b(?:src|href)="([^"]+)"/g)];
  return links.map(([, link = ""]) => link).filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors of a Markdown text's headings, as npm and git hosts make them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replaceAll(/```.*?```/gs, "").matchAll(/^#+ (.*)$/gm)];
  const plain = headings.map(([, heading = ""]) => heading.replaceAll(/\]\([^)]*\)/g, "").toLowerCase());
  return new Set(
    plain.map((heading) =>
      heading
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}

test.each(PACKAGE_FOLDERS)("no link in the tarball of %s leads nowhere", async (path) => {
  const folder = join(ROOT, path);
  const files = await packedFiles(path);
  const texts = files.filter((path) => path.endsWith(".md"));
  expect(texts).toContain("README.md");
  const dead: string[] = [];
  for (const name of texts) {
    const text = await readFile(join(folder, name), "utf8");
    for (const link of linksOf(text)) {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? name : posix.normalize(posix.join(posix.dirname(name), file));
      const isThere = files.includes(target) || files.some((other) => other.startsWith(`${target}/`));
      if (!isThere) dead.push(`${name}: ${link}`);
      else if (anchor !== undefined && !anchorsOf(await readFile(join(folder, target), "utf8")).has(anchor)) {
        dead.push(`${name}: ${link} (no such heading)`);
      }
    }
  }
  expect(dead).toEqual([]);
});
