/** Kubernetes' own schemas, by the tool kubernetes-validate, which has them with it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDir, makeEntry } from "../../lib/cache/cache.js";
import { unzipWheel } from "../../lib/download/python.js";
import { fetchWheel, type PinnedWheel } from "../../lib/download/wheels.js";
import { codeOf } from "../../lib/errors/errors.js";
import { findPython311 } from "./oracle.js";

const VERSION = "1.37.0";
const ANY = "py3-none-any";
const MANYLINUX_2014 = "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64";
const MANYLINUX_2_28 = "cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64";
const WHEELS: readonly PinnedWheel[] = (
  [
    ["kubernetes_validate", VERSION, ANY, "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9"],
    ["attrs", "26.1.0", ANY, "c647aa4a12dfbad9333ca4e71fe62ddc36f4e63b2d260a37a8b83d2f043ac309"],
    ["importlib_resources", "7.1.0", ANY, "1bd7b48b4088eddb2cd16382150bb515af0bd2c70128194392725f82ad2c96a1"],
    ["jsonschema", "4.26.0", ANY, "d489f15263b8d200f8387e64b4c3a75f06629559fb73deb8fdfb525f2dab50ce"],
    [
      "jsonschema_specifications",
      "2025.9.1",
      ANY,
      "98802fee3a11ee76ecaca44429fda8a41bff98b00a0f2838151b113f210cc6fe",
    ],
    ["packaging", "26.4", ANY, "81383611a09c1bc0b08b76e0fd5829d7c6824c65b27a6aee339da133f4233ea2"],
    ["pyyaml", "6.0.4", MANYLINUX_2_28, "622aa875fa6533f25fedcffe23079357d65a690d462200afed5d8e9d0e01ebee"],
    ["referencing", "0.37.0", ANY, "381329a9f99628c9069361716891d34ad94af76e461dcb0335825aecc7692231"],
    [
      "rpds_py",
      "2026.9.1",
      MANYLINUX_2014,
      "136a1c3fe4402b7008bc81cb62ee538481795b61a7e83df88dff3b3f02b726ff",
    ],
    ["typing_extensions", "4.16.0", ANY, "481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8"],
  ] as const
).map(([name, version, tags, sha256]) => ({
  requirement: `${name}==${version}`,
  file: `${name}-${version}-${tags}.whl`,
  sha256,
}));

/** What the tool said of each file, a line each, and its exit code. */
export type ManifestCheck = (files: readonly string[]) => Promise<{ code: number; lines: string[] }>;

/** A reason where there is no Python 3.11, for which the wheels are, or they cannot be fetched. */
export async function findManifestCheck(): Promise<ManifestCheck | { readonly reason: string }> {
  const python = await findPython311();
  if (python === null) return { reason: "kubernetes-validate needs Python 3.11 on PATH" };
  const site = join(cacheDir(), "oracle", `kubernetes_validate-${VERSION}`);
  try {
    await makeEntry(site, async (tmp) => {
      for (const wheel of WHEELS) await unzipWheel(await fetchWheel(wheel), tmp);
    });
  } catch (error) {
    if (codeOf(error) !== "ERR_DOWNLOAD") throw error;
    return { reason: "kubernetes-validate cannot be fetched" };
  }
  const env = { ...process.env, PYTHONPATH: site, PYTHONNOUSERSITE: "1", PYTHONDONTWRITEBYTECODE: "1" };
  return async (files) => {
    const args = ["-m", "kubernetes_validate", "--strict", ...files];
    const ended = await promisify(execFile)(python, args, { env }).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    const lines = `${ended.stdout}${ended.stderr}`.split("\n").filter((line) => line !== "");
    return { code: "code" in ended ? ended.code : 0, lines };
  };
}
