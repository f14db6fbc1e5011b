import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./packed-app.js";

/** Licences that ask for no more than their own text. */
const PERMISSIVE = new Set(["0BSD", "Apache-2.0", "BSD-3-Clause", "ISC", "MIT", "Unlicense"]);

/** The licences that one of "(A OR B)" can be had under. */
function choicesOf(license: string): string[] {
  return license.replaceAll(/[()]/g, "").split(" OR ");
}

interface LockEntry {
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

test("each package that a user gets has a permissive licence", async () => {
  const { packages } = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockEntry>;
  };
  const used = Object.entries(packages).filter(
    ([, { dev, devOptional, link }]) => dev !== true && devOptional !== true && link !== true,
  );
  const paths = used.map(([path]) => path);
  for (const name of ["commander", "pure-rand", "vega"]) {
    expect(paths).toContain(`node_modules/${name}`);
  }
  const others = used.filter(([, { license = "none" }]) =>
    license.split(" AND ").some((one) => !choicesOf(one).some((id) => PERMISSIVE.has(id))),
  );
  expect(others).toEqual([]);
});
