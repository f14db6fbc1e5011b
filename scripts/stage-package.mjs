// Packs a package whose largest files are made and never committed. It is put together outside its workspace, which stays
// without them: what is looked up in a checkout does not depend on what was packed there last.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "./run-tool.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const COMMITTED = ["README.md", "LICENSE"];

/**
 * @param {string} name the package's folder in packages/
 * @param {(stage: string) => Promise<void>} fill puts the other files into the stage
 * @param {string} [destination] an existing folder for the tarball; default the repository's root
 * @returns {Promise<string>} the path of the tarball
 */
export async function packStaged(name, fill, destination = root) {
  const folder = join(root, "packages", name);
  await mkdir(join(root, "build"), { recursive: true });
  const stage = await mkdtemp(join(root, "build", `${name}-`));
  try {
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    // It keeps the empty workspace from being published.
    delete manifest.private;
    await writeFile(join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const file of COMMITTED) await copyFile(join(folder, file), join(stage, file));
    await fill(stage);
    return await pack(stage, resolve(destination));
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function pack(stage, destination) {
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm?.endsWith(".js") ? [process.execPath, npm] : ["npm"];
  const args = [...first, "pack", "--json", "--loglevel", "error", "--pack-destination", destination];
  const { code, output } = await runTool(command, args, { cwd: stage });
  if (code !== 0) throw new Error(`npm pack failed.\n${output}`);
  const [{ filename }] = JSON.parse(output);
  return join(destination, filename);
}
