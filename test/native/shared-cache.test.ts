import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cacheDir } from "../../lib/cache/cache.js";
import { lockEntry } from "../../lib/cache/process-lock.js";
import { fetchWheel } from "../../lib/download/wheels.js";
import { sha256OfFile } from "../../lib/download/sha256.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { readManifest, verifyManifest } from "../../lib/runtime/manifest.js";
import { RUNTIME_VERSION, RUNTIME_WHEELS } from "../../lib/runtime/pins.js";
import { chainModel, temporaryFolder } from "../helpers/chain.js";
import { findPidNamespaces, given } from "../helpers/needs.js";

// Commands that share a cache, each in a PID namespace of its own, as two containers would.

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const namespaces = findPidNamespaces();

let cache: string;
let children: ChildProcess[];
beforeEach(() => {
  cache = temporaryFolder();
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, "close");
    child.kill("SIGKILL");
    await gone;
  }
});

interface Command {
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Resolves when stderr has these words; rejects when it ends without them. */
  says(words: string): Promise<void>;
}

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Command {
  const [command = "", ...rest] = [...(namespaces.starter ?? []), process.execPath, MAIN, ...args];
  const child = spawn(command, rest, {
    env: { ...process.env, OPENVINO_LLM_CACHE: cache, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let [stdout, stderr] = ["", ""];
  const listeners: (() => void)[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const says = (words: string) =>
    new Promise<void>((resolve, reject) => {
      listeners.push(() => stderr.includes(words) && resolve());
      void ended.then(() => reject(new Error(`It ended without "${words}": ${stderr}`)));
      listeners.at(-1)?.();
    });
  return { ended, says };
}

/** The wheels of the runtime, from those that are kept. */
async function lendWheels(): Promise<void> {
  for (const wheel of Object.values(RUNTIME_WHEELS)) await fetchWheel(wheel);
  await symlink(join(cacheDir(), "downloads"), join(cache, "downloads"));
}

describe("commands in PID namespaces of their own", { ...given(namespaces.need) }, () => {
  test("that load one GGUF file at once both answer, and one conversion is left", async () => {
    const model = await chainModel();
    const env = { OPENVINO_LLM_RUNTIME: locateRuntime().dir };
    const runs = [1, 2].map(() => start(["generate", "--model", model, "Hello"], env));
    for (const { ended } of runs) {
      const { code, stdout, stderr } = await ended;
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${CHAIN_TEXT}\n` });
    }
    expect(await readdir(join(cache, "gguf"))).toEqual([await sha256OfFile(model)]);
  });

  test("that fetch the runtime at once both have it", async () => {
    await lendWheels();
    const runs = [1, 2].map(() => start(["runtime", "fetch"]));
    const entry = join(cache, "runtime", RUNTIME_VERSION);
    for (const { ended } of runs) {
      const { code, stdout, stderr } = await ended;
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${join(entry, "lib")}\n` });
    }
    expect(await readdir(join(cache, "runtime"))).toEqual([RUNTIME_VERSION]);
    const manifest = await readManifest(entry);
    expect(manifest && (await verifyManifest(entry, manifest))).toEqual([]);
  });

  test("say for whom they wait", async () => {
    await lendWheels();
    const model = await chainModel();
    const [runtime, conversion] = [
      join(cache, "runtime", RUNTIME_VERSION),
      join(cache, "gguf", await sha256OfFile(model)),
    ];
    for (const entry of [runtime, conversion]) await mkdir(join(entry, ".."), { recursive: true });
    const locks = [await lockEntry(runtime), await lockEntry(conversion)];
    const env = { OPENVINO_LLM_RUNTIME: locateRuntime().dir };
    const fetching = start(["runtime", "fetch"]);
    const loading = start(["generate", "--model", model, "Hello"], env);
    const holder = `process ${process.pid} on ${hostname()}`;
    await fetching.says(`wait for ${holder}, which fetches the same\n`);
    await loading.says(`Waiting for ${holder}, which converts the same file\n`);
    for (const lock of locks) await lock.release();
    for (const { ended } of [fetching, loading]) {
      const { code, stderr } = await ended;
      expect(code, stderr).toBe(0);
    }
  });
});
