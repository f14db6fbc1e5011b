// The official JSON Schema test suite, out of the source distribution of Python's jsonschema, by hash.
import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDir, makeEntry } from "../../dist/cache/cache.js";

const run = promisify(execFile);

const SOURCE = {
  requirement: "jsonschema==4.26.0",
  name: "jsonschema-4.26.0",
  sha256: "0c26707e2efad8aa1bfc5b7ce170f3fccc2e4918ff85989ba9ffa9facb2be326",
};

const DRAFTS = ["draft7", "draft2020-12"];
/** What has nothing to do with values, or asks for a reading of the schema that this library documents otherwise. */
const LEFT_OUT = new Set(["vocabulary.json", "cross-draft.json", "format.json"]);

/** The folder of the suite's tests in the cache; it is downloaded once. */
export async function fetchSuite(python = "python3") {
  const folder = join(cacheDir(), "tools", `json-schema-test-suite-of-${SOURCE.name}`);
  await makeEntry(folder, async (tmp) => {
    const list = join(tmp, "requirements.txt");
    await writeFile(list, `${SOURCE.requirement} --hash=sha256:${SOURCE.sha256}\n`);
    const args = "-m pip download --quiet --require-hashes --no-deps --no-binary jsonschema --dest".split(
      " ",
    );
    await run(python, [...args, tmp, "--requirement", list]);
    await run("tar", ["xzf", join(tmp, `${SOURCE.name}.tar.gz`), "-C", tmp]);
  });
  return join(folder, SOURCE.name, "json", "tests");
}

/** Every case of the suite: a schema with its tests. */
export async function* suiteCases(tests) {
  for (const draft of DRAFTS) {
    for (const path of (await readdir(join(tests, draft), { recursive: true })).toSorted()) {
      const file = path.split("/").at(-1);
      if (!path.endsWith(".json") || LEFT_OUT.has(file)) continue;
      for (const one of JSON.parse(await readFile(join(tests, draft, path), "utf8"))) {
        const isFormat = path.startsWith(join("optional", "format"));
        yield { draft, keyword: isFormat ? `format ${file.slice(0, -5)}` : file.slice(0, -5), ...one };
      }
    }
  }
}
