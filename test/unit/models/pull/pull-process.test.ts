import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, readdir, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { blobPath, repositoryDir } from "../../../../lib/hub/layout.js";
import { PARTIAL } from "../../../../lib/hub/transfer.js";
import { pullFromHub } from "../../../../lib/models/pull/pull-from-hub.js";
import { resolveModel } from "../../../../lib/models/store/resolve.js";
import { FakeHub, sha256 } from "../../../helpers/fake-hub.js";
import { hubEnvironment, ID, irRepository, TAKEN } from "../../../helpers/hub-model.js";
import { fillDisk, mounts, mountTmpfs } from "../../../helpers/mounts.js";
import { given } from "../../../helpers/needs.js";
import { asOtherUser, otherUser } from "../../../helpers/other-user.js";
import { runProgram } from "../../../helpers/run-node.js";

// `models pull` as a user runs it: killed, interrupted, refused by the file system.

vi.setConfig({ testTimeout: 60_000 });

const MAIN = fileURLToPath(new URL("../../../../dist/cli/main.js", import.meta.url));
const repository = irRepository();
const weights = repository["openvino_model.bin"] as Buffer;

let hub: FakeHub;
let env: Record<string, string>;
let child: ChildProcess | null;
beforeEach(async () => {
  hub = await FakeHub.start();
  hub.commit(ID, repository);
  env = hubEnvironment(hub.url);
  child = null;
});
afterEach(async () => {
  child?.kill("SIGKILL");
  await hub[Symbol.asyncDispose]();
});

function start(): ChildProcess {
  child = spawn(process.execPath, [MAIN, "models", "pull", ID], {
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return child;
}

/** Sends the weights in pieces, and no more of them where a callback says so of the bytes that were sent. */
function slowly(isEnough: (bytes: number) => boolean): void {
  const piece = 8192;
  hub.trick(
    /resolve.*openvino_model\.bin/,
    (request: IncomingMessage, response: ServerResponse) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const rest = weights.subarray(from);
      const range =
        from === 0 ? {} : { "Content-Range": `bytes ${from}-${weights.length - 1}/${weights.length}` };
      response.writeHead(from === 0 ? 200 : 206, {
        "Content-Length": rest.length,
        ETag: `"${sha256(weights)}"`,
        ...range,
      });
      const send = (at: number): void => {
        if (at >= rest.length) return void response.end();
        response.write(rest.subarray(at, at + piece), () => {
          if (!isEnough(from + at + piece)) setImmediate(send, at + piece);
        });
      };
      send(0);
    },
    Infinity,
  );
}

/** Ten moments by a seed: at a request of the many small ones, within the weights, and right behind their last byte. */
function moments(seed: number): number[] {
  let state = seed;
  const draw = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  return [
    ...Array.from({ length: 3 }, () => -Math.ceil(draw() * 12)),
    ...Array.from({ length: 6 }, () => Math.floor(draw() * weights.length)),
    weights.length,
  ];
}

test.each(moments(20))("killed at moment %d, it leaves what the next pull makes whole", async (moment) => {
  const running = start();
  const ended = once(running, "close");
  if (moment < 0) {
    hub.tricks.push(() => {
      if (hub.asked.length === -moment) running.kill("SIGKILL");
      return false;
    });
  } else {
    slowly((sent) => sent >= moment && running.kill("SIGKILL"));
  }
  await ended;
  // Nothing half is found, whenever that was: the model is whole or not there.
  const found = await resolveModel(ID, env).catch((error: unknown) => error);
  expect(found).toSatisfy(
    (value: { code?: string; kind?: string }) => value.code === "ERR_MODEL_NOT_FOUND" || value.kind === "ir",
  );
  hub.tricks.length = 0;
  const { path } = await pullFromHub({ id: ID, revision: null, quant: null }, { env });
  expect((await readdir(path)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(TAKEN);
  for (const name of TAKEN)
    expect(await readFile(join(path, name))).toEqual(Buffer.from(repository[name] ?? ""));
  const all = await readdir(env["HF_HUB_CACHE"] ?? "", { recursive: true });
  expect(all.filter((name) => /incomplete|\.tmp$|\.lock$|\.etag$/.test(name))).toEqual([]);
});

test("Ctrl-C leaves what has come, says so, and the same command goes on from there", async () => {
  const running = start();
  let said = "";
  running.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  slowly((sent) => sent > 150_000);
  const partial = `${blobPath(repositoryDir(env["HF_HUB_CACHE"] ?? "", ID), sha256(weights))}${PARTIAL}`;
  await vi.waitFor(async () => expect((await stat(partial)).size).toBeGreaterThan(0), 30_000);
  running.kill("SIGINT");
  expect(await once(running, "close")).toEqual([130, null]);
  expect(said).toContain("Interrupted; what has come stays, and the same command goes on from there.");
  hub.tricks.length = 0;
  const again = await runProgram(process.execPath, [MAIN, "models", "pull", ID], { env });
  const dir = join(repositoryDir(env["HF_HUB_CACHE"] ?? "", ID), "snapshots");
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(new RegExp(`^${dir}/[0-9a-f]{40}\n$`)),
  });
  expect(again.stderr).toContain(`Try it: npx openvino-llm generate -m ${ID} "Why is the sky blue?"`);
  expect(hub.downloads.at(-1)?.range).toMatch(/^bytes=\d+-$/);
});

describe("a cache that cannot be written to", () => {
  test("because another user owns it is reported as such", given(otherUser), async () => {
    const cache = env["HF_HUB_CACHE"] ?? "";
    await mkdir(cache, { recursive: true });
    await chmod(cache, 0o755);
    const [command, args] = asOtherUser(process.execPath, MAIN, "models", "pull", ID);
    const { code, stderr } = await runProgram(command, args, { env });
    expect(stderr).toMatch(/ERR_NOT_WRITABLE/);
    expect(stderr).toContain(cache);
    expect(stderr).toContain("with HF_HUB_CACHE");
    expect(code).toBe(1);
  });

  test(
    "because its disk is too small is reported before anything is downloaded, with numbers",
    given(mounts),
    async () => {
      env = hubEnvironment(hub.url, join(mountTmpfs("size=256k"), "hub"));
      await expect(pullFromHub({ id: ID, revision: null, quant: null }, { env })).rejects.toMatchObject({
        code: "ERR_DISK_FULL",
        message: expect.stringMatching(
          /download OpenVINO\/tiny-int4-ov \(about \d+ kB\) but its disk has \d+ kB free.*HF_HUB_CACHE/,
        ),
      });
      expect(hub.downloads).toEqual([]);
    },
  );

  test("because its disk becomes full is reported, and the model is not found", given(mounts), async () => {
    const disk = mountTmpfs("size=400k");
    env = hubEnvironment(hub.url, join(disk, "hub"));
    slowly((sent) => {
      if (sent === 8192) fillDisk(join(disk, "filling"));
      return false;
    });
    await expect(pullFromHub({ id: ID, revision: null, quant: null }, { env })).rejects.toMatchObject({
      code: "ERR_DISK_FULL",
      message: expect.stringContaining("with HF_HUB_CACHE"),
    });
    await expect(resolveModel(ID, env)).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
  });
});
