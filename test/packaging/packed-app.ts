/** An app that has packages of this repository from their tarballs, as a user gets them, without a network. */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { npmCli } from "../helpers/npm.js";

const run = promisify(execFile);

/** The repository. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where the packages are, by their names. */
const FOLDERS = {
  "openvino-llm": ".",
  "openvino-llm-bench": "packages/bench",
  "openvino-llm-model-tools": "packages/model-tools",
  "openvino-llm-server": "packages/server",
  "openvino-llm-langchain": "packages/langchain",
  "openvino-llm-ai-sdk": "packages/ai-sdk",
} as const;

/** A package of this repository. */
export type PackageName = keyof typeof FOLDERS;

/** The folders of all packages of this repository, below its root. */
export const PACKAGE_FOLDERS: readonly string[] = [
  ...Object.values(FOLDERS),
  // What scripts make of these has the same texts.
  "packages/runtime-linux-x64",
  "packages/model-smollm2-135m-instruct",
];

/** What npm put into the tarballs: the paths of the files, by package. */
export type TarballFiles = Readonly<Partial<Record<PackageName, readonly string[]>>>;

interface LockEntry {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** npm's form: where a package comes from, by its name, and below that what it has for itself alone. */
interface Overrides {
  [name: string]: string | Overrides;
}

/**
 * Packs the packages and all that they depend on, and installs the tarballs into a folder.
 *
 * @param folder - where the tarballs go
 * @param env - that of the installation
 */
export async function installPacked(
  names: readonly PackageName[],
  app: string,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<TarballFiles> {
  const npm = await npmCli();
  const foreign = await dependenciesOf(names);
  const sources = [...names.map((name) => FOLDERS[name]), ...foreign].map((path) => `./${path}`);
  const packed = await pack(sources, folder);
  const tarballOf = (index: number) => `file:${join(folder, packed[index]?.filename ?? "")}`;
  const overrides: Overrides = {};
  for (const [index, path] of foreign.entries()) override(overrides, path, tarballOf(names.length + index));
  const own = names.map((name, index) => [name, tarballOf(index)] as const);
  const manifest = {
    name: "app",
    version: "1.0.0",
    private: true,
    type: "module",
    dependencies: Object.fromEntries(own),
    // A package of ours that another one depends on is the same tarball.
    overrides: { ...overrides, ...Object.fromEntries(own.map(([name]) => [name, `$${name}`])) },
  };
  await mkdir(app, { recursive: true });
  await writeFile(join(app, "package.json"), JSON.stringify(manifest));
  const install = [npm, "install", "--offline", "--no-audit", "--no-fund"];
  await run(process.execPath, install, { cwd: app, env });
  return Object.fromEntries(
    names.map((name, index) => [name, packed[index]?.files.map(({ path }) => path) ?? []]),
  );
}

/** The paths of the files that npm would pack of a folder of this repository. */
export async function packedFiles(folder: string): Promise<string[]> {
  const [packed] = await pack([`./${folder}`], ROOT, "--dry-run");
  return packed?.files.map(({ path }) => path) ?? [];
}

async function pack(sources: readonly string[], folder: string, ...more: string[]) {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder, ...more, ...sources];
  const { stdout } = await run(process.execPath, [await npmCli(), ...args], {
    cwd: ROOT,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as Array<{ filename: string; files: Array<{ path: string }> }>;
}

/** Folders of all packages that these need, below the root, as the lock file has them. */
async function dependenciesOf(names: readonly PackageName[]): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockEntry>;
  };
  const found = new Set<string>();
  const open = names.map((name) => (FOLDERS[name] === "." ? "" : FOLDERS[name]) as string);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const dependency of Object.keys(packages[path]?.dependencies ?? {})) {
      if (dependency in FOLDERS) continue;
      const place = placeOf(dependency, path, packages);
      if (found.has(place)) continue;
      found.add(place);
      open.push(place);
    }
  }
  return [...found].toSorted();
}

/** Where a package that stands at `path` finds a dependency. */
function placeOf(dependency: string, path: string, packages: Record<string, LockEntry>): string {
  for (let folder = path; ; folder = folder.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, "")) {
    const place = [folder, "node_modules", dependency].filter(Boolean).join("/");
    if (packages[place] !== undefined) return place;
    if (folder === "") throw new Error(`package-lock.json has no ${dependency} for ${path}`);
    if (!folder.includes("node_modules")) folder = "";
  }
}

function override(overrides: Overrides, path: string, tarball: string): void {
  let level = overrides;
  for (const name of path.split("node_modules/").slice(1)) {
    level = (level[name.replace(/\/$/, "")] ??= {}) as Overrides;
  }
  level["."] = tarball;
}
