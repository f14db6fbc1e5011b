/** Python's own client of the hub, to read what we wrote and to write what we read. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDir, makeEntry } from "../../lib/cache/cache.js";
import { unzipWheel } from "../../lib/download/python.js";
import { fetchWheel, type PinnedWheel } from "../../lib/download/wheels.js";
import { findPython311 } from "./oracle.js";

const VERSION = "2.4.0";
const WHEELS: readonly PinnedWheel[] = (
  [
    [
      "huggingface_hub",
      VERSION,
      "py3-none-any",
      "42ecfd93ede47bdd333daebbf66a32d7bfe2e18752754fe4d2d4f98a0179d801",
    ],
    ["anyio", "4.16.0", "py3-none-any", "c66ae634e0b8228396b801741beb3294326d4b6102f7bba4041c0dfb58c29026"],
    ["click", "8.5.1", "py3-none-any", "8bb5376d2006950386f8c6427613334a2acadc5f559cb80e638d00b4df957e37"],
    ["filelock", "4.3.1", "py3-none-any", "79e43df8e9fe509cd83a3899a7c186c8077cbbe4d200a1ed3705c2f3bb6bc487"],
    [
      "fsspec",
      "2026.9.0",
      "py3-none-any",
      "8dd6e646e99ea382bd85f97a45e6b526a442d79423a7dc673f1e2756d05fcb5f",
    ],
    ["h11", "0.16.0", "py3-none-any", "63cf8bbe7522de3bf65932fda1d9c2772064ffb3dae62d55932da54b31cb6c86"],
    [
      "httpcore2",
      "2.16.2",
      "py3-none-any",
      "16051ae2a42f776007543f32de9349a317b23d2cbb4e1456b4bac0e88b87419a",
    ],
    ["httpx2", "2.16.2", "py3-none-any", "f05c13aade4c45dbf1c9060647a1058f0acad62398fad96e741269edb33d46f5"],
    ["idna", "3.20", "py3-none-any", "ab7ae7122974553370f0bdb919e1a960b2cd1bc1ef0276416d896db81c14582c"],
    ["packaging", "26.4", "py3-none-any", "81383611a09c1bc0b08b76e0fd5829d7c6824c65b27a6aee339da133f4233ea2"],
    [
      "pyyaml",
      "6.0.4",
      "cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64",
      "622aa875fa6533f25fedcffe23079357d65a690d462200afed5d8e9d0e01ebee",
    ],
    ["tqdm", "4.70.1", "py3-none-any", "c293e525e6fef9c20e8728fd4612df02a0aa31bb5fe91ecd93e123b1b7bffa73"],
    [
      "truststore",
      "0.10.5",
      "py3-none-any",
      "9aaaedaefaf06d8b206278cf8b5012bc897f485a874503501e12d776df78951c",
    ],
    [
      "typing_extensions",
      "4.16.0",
      "py3-none-any",
      "481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8",
    ],
  ] as const
).map(([name, version, tags, sha256]) => ({
  requirement: `${name}==${version}`,
  file: `${name}-${version}-${tags}.whl`,
  sha256,
}));

/** Runs a program in which `import huggingface_hub` works, and gives what it printed. */
export type HubClient = (program: string, env: Record<string, string>) => Promise<string>;

/** Null without Python 3.11, for which the wheels are. */
export async function findHubClient(): Promise<HubClient | null> {
  const python = await findPython311();
  if (python === null) return null;
  const site = join(cacheDir(), "oracle", `huggingface_hub-${VERSION}`);
  await makeEntry(site, async (tmp) => {
    for (const wheel of WHEELS) await unzipWheel(await fetchWheel(wheel), tmp);
  });
  const own = {
    PYTHONPATH: site,
    PYTHONNOUSERSITE: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    HF_HUB_DISABLE_XET: "1",
    HF_HUB_DISABLE_TELEMETRY: "1",
    HF_HUB_DISABLE_PROGRESS_BARS: "1",
  };
  return async (program, env) => {
    const all = { ...process.env, ...own, ...env };
    const { stdout } = await promisify(execFile)(python, ["-c", program], { env: all, maxBuffer: 1 << 26 });
    return stdout;
  };
}
