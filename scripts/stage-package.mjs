// Packs a package as it is published. It is put together outside its workspace: large files are made and never committed, and
// the manifest says where its sources are, which the place that publishes knows and the repository does not.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runNpm } from "./run-tool.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const COMMITTED = ["README.md", "LICENSE"];

/**
 * @param {string} folder the package's, below the repository's root
 * @param {(stage: string) => Promise<void>} fill puts the other files into the stage
 * @param {string} [destination] an existing folder for the tarball; default the repository's root
 * @returns {Promise<string>} the path of the tarball
 */
export async function packStaged(folder, fill, destination = root) {
  await mkdir(join(root, "build"), { recursive: true });
  const stage = await mkdtemp(join(root, "build", "stage-"));
  try {
    const { private: _, ...manifest } = JSON.parse(
      await readFile(join(root, folder, "package.json"), "utf8"),
    );
    const published = { ...manifest, ...sourcesOf(folder, process.env) };
    await writeFile(join(stage, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
    for (const file of COMMITTED) await copyFile(join(root, folder, file), join(stage, file));
    await fill(stage);
    return join(
      resolve(destination),
      (await pack(["--pack-destination", resolve(destination)], stage)).filename,
    );
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Packs a package whose files are all in its folder. */
export async function packFolder(folder, destination) {
  const { files } = await pack(["--dry-run"], join(root, folder));
  const fill = async (stage) => {
    for (const { path } of files) {
      if (path === "package.json") continue;
      await mkdir(dirname(join(stage, path)), { recursive: true });
      await copyFile(join(root, folder, path), join(stage, path));
    }
  };
  return packStaged(folder, fill, destination);
}

/**
 * Where a package's sources are: the repository that GitHub Actions names, nothing elsewhere. npm publishes with provenance
 * only where `repository.url` is the repository that publishes.
 * @param {NodeJS.ProcessEnv} env
 */
export function sourcesOf(folder, { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository }) {
  if (!server || !repository) return {};
  const address = `${server}/${repository}`;
  return {
    repository: { type: "git", url: `git+${address}.git`, ...(folder !== "." && { directory: folder }) },
    homepage: `${address}#readme`,
    bugs: { url: `${address}/issues` },
  };
}

/** Runs `npm pack` without scripts: what they make is there. */
async function pack(args, cwd) {
  const { code, output } = await runNpm(
    ["pack", "--json", "--ignore-scripts", "--loglevel", "error", ...args],
    { cwd },
  );
  if (code !== 0) throw new Error(`npm pack failed.\n${output}`);
  return JSON.parse(output)[0];
}
