// `npm run pack:release -- --pack-destination DIR`: makes the tarballs of all packages as they are published, and SHA256SUMS,
// whose lines are in the order in which they are to be published: what others depend on first.
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { library } from "./library.mjs";
import { packModel } from "./pack-model.mjs";
import { packRuntime } from "./pack-runtime.mjs";
import { failWith } from "./progress.mjs";
import { runNpm } from "./run-tool.mjs";
import { packFolder, sourcesOf } from "./stage-package.mjs";

/** Those with code; the library first. */
const FOLDERS = [
  ".",
  "packages/bench",
  "packages/model-tools",
  "packages/server",
  "packages/langchain",
  "packages/ai-sdk",
];

try {
  const { values } = parseArgs({ options: { "pack-destination": { type: "string" } } });
  const destination = values["pack-destination"];
  if (destination === undefined) throw new Error("Expected --pack-destination DIR, an existing folder.");
  if (sourcesOf(".", process.env).repository === undefined) {
    throw new Error(
      "Expected GITHUB_SERVER_URL and GITHUB_REPOSITORY to say where the sources are, as GitHub Actions does: npm compares " +
        "it with the provenance. By hand: GITHUB_SERVER_URL=https://… GITHUB_REPOSITORY=owner/name npm run pack:release",
    );
  }
  const { code, output } = await runNpm(["run", "prebuild"]);
  if (code !== 0) throw new Error(output);
  const tarballs = [await packRuntime(destination), await packModel(destination)];
  for (const folder of FOLDERS) tarballs.push(await packFolder(folder, destination));
  const { sha256OfFile } = await library("download/sha256");
  const lines = await Promise.all(
    tarballs.map(async (path) => `${await sha256OfFile(path)}  ${basename(path)}\n`),
  );
  await writeFile(join(destination, "SHA256SUMS"), lines.join(""));
  process.stdout.write(`${tarballs.join("\n")}\n`);
} catch (error) {
  failWith(error);
}
