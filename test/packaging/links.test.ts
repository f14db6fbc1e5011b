import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { relativeLinksOf } from "../../scripts/site/markdown.mjs";
import { packedFiles, PACKAGE_FOLDERS, ROOT } from "./packed-app.js";

// That the files of the repository link to what is there is looked at by test/unit/documents.test.ts.
test.each(PACKAGE_FOLDERS)("what the documents in the tarball of %s link to is in it", async (path) => {
  const folder = join(ROOT, path);
  const files = await packedFiles(path);
  const texts = files.filter((path) => path.endsWith(".md"));
  expect(texts).toContain("README.md");
  const dead: string[] = [];
  for (const name of texts) {
    for (const link of relativeLinksOf(await readFile(join(folder, name), "utf8"))) {
      const [file = ""] = link.split("#");
      const target = file === "" ? name : posix.normalize(posix.join(posix.dirname(name), file));
      const isThere = files.includes(target) || files.some((other) => other.startsWith(`${target}/`));
      if (!isThere) dead.push(`${name}: ${link}`);
    }
  }
  expect(dead).toEqual([]);
});
