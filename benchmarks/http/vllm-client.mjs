// vLLM's own client: its source distribution by hash, and the Python packages that it needs, in the cache. Each is made once.
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheDir, makeEntry } from "../../dist/cache/cache.js";
import { findPython } from "../../dist/download/python.js";

const run = promisify(execFile);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** That of the article that our method comes from. */
export const VLLM = {
  version: "0.16.0",
  sha256: "1f684bb31fbef59d862e2fe666e23a41f1d39d93f86215ce1ce1db89a8f5665b",
};
const source = join(cacheDir(), "tools", `vllm-${VLLM.version}-source`);
const venv = join(cacheDir(), "tools", `vllm-${VLLM.version}-client`);

/** Gets what it needs: 250 MB in the cache. */
export async function setUpVllm() {
  await makeEntry(source, unpackSource);
  await makeEntry(venv, async (folder) => {
    await run(await findPython(), ["-m", "venv", folder]);
    const pip = "-m pip install --quiet --disable-pip-version-check --no-deps --requirement".split(" ");
    await run(join(folder, "bin", "python"), [...pip, here("requirements-vllm.txt")]);
  });
}

/**
 * One run of `bench serve`; its result as it saves it.
 *
 * @param {{ url: string, model: string, prompts: string, count: number, concurrency: number, outputTokens: number }} load
 *   `prompts`: a file of JSON lines with as many prompts as `count`
 */
export async function runVllm({ url, model, prompts, count, concurrency, outputTokens }) {
  const folder = join(tmpdir(), `openvino-llm-vllm-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    const options = {
      backend: "openai",
      "base-url": url,
      endpoint: "/v1/completions",
      model,
      "dataset-name": "custom",
      "dataset-path": prompts,
      "custom-output-len": outputTokens,
      "num-prompts": count,
      "max-concurrency": concurrency,
      "num-warmups": concurrency,
      temperature: 0,
      "result-dir": folder,
      "result-filename": "result.json",
    };
    const flags = ["skip-chat-template", "disable-shuffle", "ignore-eos", "disable-tqdm", "save-result"];
    const args = [
      ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ...flags.map((flag) => `--${flag}`),
    ];
    await run(join(venv, "bin", "python"), [here("vllm_client.py"), source, ...args], {
      maxBuffer: 1 << 26,
    });
    return JSON.parse(await readFile(join(folder, "result.json"), "utf8"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * pip unpacks a source distribution whose hash is right, and then asks it for its metadata, which vLLM's gives only where torch
 * is installed. So what was unpacked is kept, whether or not that goes well.
 */
async function unpackSource(folder) {
  const unpacked = join(folder, "pip");
  await mkdir(unpacked);
  const list = join(folder, "requirements.txt");
  await writeFile(list, `vllm==${VLLM.version} --hash=sha256:${VLLM.sha256}\n`);
  const args =
    "-m pip download --quiet --disable-pip-version-check --no-clean --require-hashes --no-deps --no-binary vllm --no-build-isolation";
  let failure = "";
  try {
    await run(await findPython(), [...args.split(" "), "--dest", folder, "--requirement", list], {
      env: { ...process.env, TMPDIR: unpacked },
    });
  } catch (error) {
    failure = error.stderr;
  }
  const files = await readdir(unpacked, { recursive: true });
  const client = files.find((file) => file.endsWith(join("vllm", "benchmarks", "serve.py")));
  if (client === undefined) throw new Error(`Expected pip to unpack vllm ${VLLM.version}: ${failure}`);
  const root = join(unpacked, client, "..", "..", "..");
  await cp(join(root, "LICENSE"), join(folder, "LICENSE"));
  await cp(join(root, "vllm"), join(folder, "vllm"), {
    recursive: true,
    filter: (path) => !/\.(?!py$)\w+$/.test(path.slice(root.length)),
  });
  await rm(unpacked, { recursive: true });
}
