import { createServer } from "node:http";
import { once } from "node:events";
import { lstat, mkdir, readFile, readdir, readlink, rm, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { blobPath, repositoryDir } from "../../../../lib/hub/layout.js";
import { parseHubName } from "../../../../lib/hub/model-name.js";
import type { RetryPolicy } from "../../../../lib/hub/retry.js";
import { PARTIAL } from "../../../../lib/hub/transfer.js";
import { pullFromHub, type HubPullOptions } from "../../../../lib/models/pull/pull-from-hub.js";
import type { PulledModel, PullEvent, PullPlan } from "../../../../lib/models/pull/pull-events.js";
import { removeModel } from "../../../../lib/models/store/remove.js";
import { resolveModel } from "../../../../lib/models/store/resolve.js";
import { verifyModel } from "../../../../lib/models/store/verify.js";
import { temporaryFolder } from "../../../helpers/chain.js";
import { drawn, hubEnvironment, ID, irRepository, TAKEN } from "../../../helpers/hub-model.js";
import { fail, FakeHub, json, sendFile, sha256, treeEntry } from "../../../helpers/fake-hub.js";

const QUICK: RetryPolicy = { attempts: 4, firstPauseMs: 1, longestPauseMs: 2, longestAskedMs: 5000 };

let hub: FakeHub;
let cache: string;
let env: Record<string, string>;
let events: PullEvent[];
beforeEach(async () => {
  hub = await FakeHub.start();
  cache = join(temporaryFolder(), "hub");
  env = hubEnvironment(hub.url, cache);
  events = [];
});
afterEach(() => hub[Symbol.asyncDispose]());

function pull(name: string, options: HubPullOptions = {}): Promise<PulledModel> {
  const parsed = parseHubName(name);
  if (parsed === null) throw new Error(name);
  return pullFromHub(parsed, { env, retry: QUICK, onEvent: (event) => events.push(event), ...options });
}

const repository = () => repositoryDir(cache, ID);
const weights = irRepository()["openvino_model.bin"] as Buffer;
const partial = () => `${blobPath(repository(), sha256(weights))}${PARTIAL}`;
const plan = (): PullPlan | undefined => events.find((event) => event.type === "plan")?.plan;
const retries = () => events.flatMap((event) => (event.type === "retry" ? [event.reason] : []));
const ofWeights = () => hub.downloads.filter(({ path }) => path.includes("openvino_model.bin"));

async function filesOf(dir: string): Promise<string[]> {
  return (await readdir(dir)).toSorted((a, b) => (a < b ? -1 : 1));
}

describe("a pull", () => {
  test("brings the files that a load needs, and the model is found by its name", async () => {
    const sha = hub.commit(ID, irRepository());
    const pulled = await pull(ID);
    const dir = join(repository(), "snapshots", sha);
    expect(pulled).toEqual({
      name: ID,
      path: dir,
      commit: sha,
      kind: "openvino",
      downloadedBytes: plan()?.sizeBytes,
    });
    expect(await filesOf(dir)).toEqual(TAKEN);
    expect(await resolveModel(ID, env)).toEqual({ kind: "ir", name: ID, dir });
    expect(await resolveModel(`${ID}@${sha}`, env)).toMatchObject({ dir });
    expect(await resolveModel(`${ID}@main`, env)).toMatchObject({ dir });
    expect(await readFile(join(dir, "openvino_model.bin"))).toEqual(weights);
  });

  test("lays them out as the hub's own clients do", async () => {
    const sha = hub.commit(ID, irRepository());
    await pull(ID);
    const link = join(repository(), "snapshots", sha, "openvino_model.bin");
    expect(await readlink(link)).toBe(join("..", "..", "blobs", sha256(weights)));
    expect(await readFile(join(repository(), "refs", "main"), "utf8")).toBe(sha);
    expect(await filesOf(join(repository(), "blobs"))).toHaveLength(TAKEN.length);
    expect(await readdir(join(cache, ".locks", "models--OpenVINO--tiny-int4-ov"))).toEqual([]);
  });

  test("reports before it downloads what comes and whether it fits", async () => {
    hub.commit(ID, irRepository());
    hub.tricks.push((request) => {
      if (request.url?.includes("/resolve/") === true) expect(plan()).toBeDefined();
      return false;
    });
    await pull(ID);
    expect(plan()).toMatchObject({ id: ID, license: "mit", kind: "openvino", weightsBytes: weights.length });
    expect(plan()?.files.map(({ path }) => path)).toEqual(TAKEN);
    expect(plan()?.missingBytes).toBe(plan()?.sizeBytes);
    expect(plan()?.freeDiskBytes).toBeGreaterThan(0);
    expect(plan()?.freeMemoryBytes).toBeGreaterThan(0);
    expect(plan()?.refused).toEqual([
      { path: ".gitattributes", reason: "unknown" },
      { path: "configuration_phi3.py", reason: "code" },
    ]);
    expect(events.at(-1)).toMatchObject({
      type: "progress",
      receivedBytes: plan()?.sizeBytes,
      secondsLeft: 0,
    });
  });

  test("brings what two files have in common once", async () => {
    hub.commit(ID, { ...irRepository(), "generation_config.json": "{}", "tokenizer_config.json": "{}" });
    const { path } = await pull(ID);
    expect(await filesOf(join(repository(), "blobs"))).toHaveLength(TAKEN.length - 1);
    expect(await filesOf(path)).toEqual(TAKEN);
    expect(events.at(-1)).toMatchObject({
      receivedBytes: plan()?.sizeBytes,
      totalBytes: plan()?.missingBytes,
    });
  });

  test("of what is there already downloads nothing, and what changed in a newer commit alone", async () => {
    hub.commit(ID, irRepository());
    await pull(ID);
    const before = hub.downloads.length;
    expect(await pull(ID)).toMatchObject({ downloadedBytes: 0 });
    expect(hub.downloads).toHaveLength(before);
    const next = hub.commit(ID, { ...irRepository(), "config.json": '{"model_type": "qwen2"}' });
    expect(await pull(ID)).toMatchObject({ commit: next, downloadedBytes: 23 });
    expect(hub.downloads).toHaveLength(before + 1);
    expect(await resolveModel(ID, env)).toMatchObject({ dir: join(repository(), "snapshots", next) });
  });

  test("takes a file of its right name again that was changed on the disk", async () => {
    hub.commit(ID, irRepository());
    const { path } = await pull(ID);
    const flipped = Buffer.from(weights);
    flipped.writeUInt8(flipped.readUInt8(1000) ^ 1, 1000);
    await writeFile(blobPath(repository(), sha256(weights)), flipped);
    expect(await pull(ID)).toMatchObject({ downloadedBytes: weights.length });
    expect(await readFile(join(path, "openvino_model.bin"))).toEqual(weights);
  });

  test("follows the patterns, and takes no code and no pickles whatever they say", async () => {
    const pickle = { "pytorch_model.bin": drawn(2000, 3), "sub/a.txt": "a", "model.pt": "x" };
    const sha = hub.commit(ID, { ...irRepository(), ...pickle });
    const pulled = await pull(ID, { include: ["*"], exclude: ["*.bin"] });
    expect(pulled.kind).toBe("files");
    expect(new Set(await filesOf(pulled.path))).toEqual(
      new Set([...TAKEN.filter((name) => !name.endsWith(".bin")), "sub"]),
    );
    await expect(pull(ID, { include: ["*.py", "*.pt", "pytorch*"] })).rejects.toMatchObject({
      code: "ERR_MODEL_NOT_FOUND",
      message: expect.stringContaining("code, pickles"),
    });
    await expect(resolveModel(ID, env)).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(/openvino_model\.bin.*models pull OpenVINO\/tiny-int4-ov$/),
    });
    expect(sha).toBe(pulled.commit);
  });

  test("makes no links where there are none, and finds what it made", async () => {
    hub.commit(ID, irRepository());
    env = { ...env, HF_HUB_DISABLE_SYMLINKS: "1" };
    const { path } = await pull(ID);
    expect((await lstat(join(path, "openvino_model.bin"))).isSymbolicLink()).toBe(false);
    expect(await readdir(join(repository(), "blobs"))).toEqual([]);
    expect(await resolveModel(ID, env)).toMatchObject({ dir: path });
    expect(await pull(ID)).toMatchObject({ downloadedBytes: 0 });
  });

  test("asked for offline, answers with what is whole in the cache, and asks nobody", async () => {
    hub.commit(ID, irRepository());
    const { path } = await pull(ID);
    const asked = hub.asked.length;
    env = { ...env, HF_HUB_OFFLINE: "1" };
    expect(await pull(ID)).toMatchObject({ path, downloadedBytes: 0 });
    await rm(join(path, "config.json"));
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/HF_HUB_OFFLINE/) as string,
    });
    expect(hub.asked).toHaveLength(asked);
  });

  test("two at once make one, and the second says for whom it waits", async () => {
    hub.commit(ID, irRepository());
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const begun = new Promise<void>((resolve) => {
      hub.trick(/resolve.*openvino_model\.bin/, (request, response) => {
        resolve();
        void held.then(() => sendFile(request, response, weights, sha256(weights)));
      });
    });
    const first = pull(ID);
    await begun;
    let second: Promise<PulledModel> | undefined;
    const waited = await new Promise<PullEvent>((resolve) => {
      second = pull(ID, { onEvent: (event) => event.type === "wait" && resolve(event) });
    });
    expect(waited).toMatchObject({ holder: { pid: process.pid } });
    release();
    expect((await first).downloadedBytes).toBeGreaterThan(0);
    expect(await second).toMatchObject({ downloadedBytes: 0 });
    expect(ofWeights()).toHaveLength(1);
  });
});

describe("a download that is cut off", () => {
  /** Sends the first bytes and ends the connection. */
  const cut = (bytes: number) =>
    hub.trick(/resolve.*openvino_model\.bin/, (_request, response) => {
      response.writeHead(200, { "Content-Length": weights.length, ETag: `"${sha256(weights)}"` });
      response.write(weights.subarray(0, bytes), () => response.destroy());
    });

  test("goes on where it ended, asking for the same version", async () => {
    hub.commit(ID, irRepository());
    cut(100_000);
    const { path } = await pull(ID);
    const [first, second] = ofWeights();
    expect(first).toMatchObject({ range: undefined, ifRange: undefined });
    expect(second?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(second?.ifRange).toBe(`"${sha256(weights)}"`);
    expect(await readFile(join(path, "openvino_model.bin"))).toEqual(weights);
  });

  test("goes on in a later pull after an abort, and the model is not found before", async () => {
    hub.commit(ID, irRepository());
    const controller = new AbortController();
    hub.trick(/resolve.*openvino_model\.bin/, (_request, response) => {
      response.writeHead(200, { "Content-Length": weights.length, ETag: `"${sha256(weights)}"` });
      response.write(weights.subarray(0, 50_000));
    });
    const pulling = pull(ID, {
      signal: controller.signal,
      onEvent: (event) => event.type === "progress" && event.receivedBytes > 0 && abortWhenThere(),
    });
    const abortWhenThere = () => {
      void stat(partial())
        .catch(() => null)
        .then((stats) => (stats?.size ?? 0) > 0 && controller.abort());
    };
    const timer = setInterval(abortWhenThere, 5);
    await expect(pulling).rejects.toMatchObject({ name: "AbortError", code: "ERR_ABORTED" });
    clearInterval(timer);
    await expect(resolveModel(ID, env)).rejects.toMatchObject({
      code: "ERR_MODEL_NOT_FOUND",
      message: expect.stringContaining(`models pull ${ID}`),
    });
    const { size } = await stat(partial());
    expect(size).toBeGreaterThan(0);
    events = [];
    await pull(ID);
    expect(plan()?.missingBytes).toBe(weights.length - size);
    expect(ofWeights().at(-1)).toMatchObject({ range: `bytes=${size}-`, ifRange: `"${sha256(weights)}"` });
    expect(await resolveModel(ID, env)).toMatchObject({ kind: "ir" });
  });

  test("takes all of it where the server has another version or no ranges", async () => {
    hub.commit(ID, irRepository());
    cut(100_000);
    hub.trick(/resolve.*openvino_model\.bin/, (_request, response) => {
      response.writeHead(200, { "Content-Length": weights.length, ETag: '"other"' }).end(weights);
    });
    const { path } = await pull(ID);
    expect(await readFile(join(path, "openvino_model.bin"))).toEqual(weights);
  });

  test("begins anew after 416", async () => {
    hub.commit(ID, irRepository());
    cut(100_000);
    hub.trick(/resolve.*openvino_model\.bin/, (_request, response) => fail(response, 416, ""));
    const { path } = await pull(ID);
    expect(ofWeights().map(({ range }) => range === undefined)).toEqual([true, false, true]);
    expect(await readFile(join(path, "openvino_model.bin"))).toEqual(weights);
  });

  test("is given up where it ends at the same byte each time", async () => {
    hub.commit(ID, irRepository());
    hub.trick(
      /resolve.*openvino_model\.bin/,
      (_request, response) => {
        response.writeHead(200, { "Content-Length": weights.length });
        response.write(weights.subarray(0, 1000), () => response.destroy());
      },
      Infinity,
    );
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/4 times.*what has come is kept/) as string,
    });
  });

  test("and left by a revision that is gone is taken away", async () => {
    hub.commit(ID, irRepository());
    await mkdir(join(repository(), "blobs"), { recursive: true });
    const old = join(repository(), "blobs", `${"a".repeat(64)}${PARTIAL}`);
    await writeFile(old, "x");
    await pull(ID);
    await expect(stat(old)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("stalls: a server that sends nothing for long is asked again", async () => {
    hub.commit(ID, irRepository());
    env = { ...env, HF_HUB_DOWNLOAD_TIMEOUT: "0.2" };
    hub.trick(/resolve.*openvino_model\.bin/, (_request, response) => {
      response.writeHead(200, { "Content-Length": weights.length, ETag: `"${sha256(weights)}"` });
      response.write(weights.subarray(0, 1000));
    });
    const { path } = await pull(ID);
    expect(retries()).toEqual([expect.stringContaining("sent nothing for 0.2 s")]);
    expect(await readFile(join(path, "openvino_model.bin"))).toEqual(weights);
  });

  test("of a newer commit leaves the whole one before it to be loaded", async () => {
    const first = hub.commit(ID, irRepository());
    await pull(ID);
    hub.commit(ID, irRepository(250_000, 7));
    hub.trick(/resolve.*openvino_model\.bin/, (_request, response) => fail(response, 403, ""), 1);
    await expect(pull(ID)).rejects.toMatchObject({ code: "ERR_DOWNLOAD" });
    expect(await resolveModel(ID, env)).toMatchObject({ dir: join(repository(), "snapshots", first) });
  });

  test("in another revision: a newer commit while the old one was half there", async () => {
    hub.commit(ID, irRepository());
    cut(100_000);
    hub.trick(/resolve.*openvino_model\.bin/, (_request, response) => fail(response, 403, ""), 1);
    await expect(pull(ID)).rejects.toMatchObject({ code: "ERR_DOWNLOAD" });
    const newer = irRepository(250_000, 7);
    const sha = hub.commit(ID, newer);
    const { path } = await pull(ID);
    expect(path).toContain(sha);
    expect(await readFile(join(path, "openvino_model.bin"))).toEqual(newer["openvino_model.bin"]);
    expect(
      (await readdir(join(repository(), "blobs"))).filter((name) => name.includes("openvino-llm")),
    ).toEqual([]);
  });
});

describe("a file that is not the hub's", () => {
  const send = (content: Buffer, headers: Record<string, string | number> = {}) =>
    hub.trick(
      /resolve.*openvino_model\.bin/,
      (_request, response) =>
        void response.writeHead(200, { "Content-Length": content.length, ...headers }).end(content),
      Infinity,
    );

  test.each([0, 150_000, 299_999])("is refused for one flipped bit in byte %d", async (at) => {
    hub.commit(ID, irRepository());
    const flipped = Buffer.from(weights);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    send(flipped);
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringContaining(`openvino_model.bin with the hash ${sha256(weights)}`),
    });
    await expect(resolveModel(ID, env)).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
    expect(await readdir(join(repository(), "blobs"))).not.toContain(sha256(weights));
  });

  test("is refused for a small one by Git's hash", async () => {
    hub.commit(ID, irRepository());
    const wrong = '{"model_type": "llamA", "seed": 0}';
    hub.trick(/config\.json/, (_request, response) => void response.end(wrong), Infinity);
    await expect(pull(ID)).rejects.toMatchObject({ code: "ERR_DOWNLOAD" });
  });

  test("comes right at the next try where it was damaged once", async () => {
    hub.commit(ID, irRepository());
    hub.trick(/resolve.*openvino_model\.bin/, (_request, response) => {
      response.writeHead(200, { "Content-Length": weights.length }).end(Buffer.alloc(weights.length));
    });
    await pull(ID);
    expect(retries()).toEqual(["openvino_model.bin came with a wrong hash"]);
  });

  test.each([
    ["shorter", weights.subarray(0, 1000)],
    ["longer", Buffer.concat([weights, weights])],
  ])(
    "is refused where it is %s, by the length that is announced or by what comes",
    async (_what, content) => {
      hub.commit(ID, irRepository());
      send(content);
      await expect(pull(ID)).rejects.toMatchObject({
        code: "ERR_DOWNLOAD",
        message: expect.stringMatching(/300000 bytes/) as string,
      });
    },
  );

  test("is refused where more comes than is announced", async () => {
    hub.commit(ID, irRepository());
    hub.trick(
      /resolve.*openvino_model\.bin/,
      (_request, response) => void response.end(Buffer.concat([weights, weights])),
      Infinity,
    );
    await expect(pull(ID)).rejects.toMatchObject({ code: "ERR_DOWNLOAD" });
  });

  test("is refused where its headers name another file or commit", async () => {
    hub.commit(ID, irRepository());
    send(weights, { "X-Linked-Etag": `"${"b".repeat(64)}"` });
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/bbbb/) as string,
    });
    hub.tricks.length = 0;
    send(weights, { "X-Repo-Commit": "c".repeat(40) });
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/cccc/) as string,
    });
  });
});

describe("the token", () => {
  test("goes to the hub, and to no other origin that it redirects to", async () => {
    hub.commit(ID, irRepository());
    await using storage = await FakeHub.start();
    storage.tricks.push((request, response) => {
      // As storage that names files by other hashes.
      sendFile(request, response, weights, "e".repeat(64));
      return true;
    });
    hub.trick(
      /resolve.*openvino_model\.bin/,
      (_request, response) => {
        const headers = { Location: `${storage.url}/store/1?sig=x`, "X-Linked-Etag": `"${sha256(weights)}"` };
        response.writeHead(302, headers).end();
      },
      Infinity,
    );
    env = { ...env, HF_TOKEN: "hf_secret" };
    const { path } = await pull(ID);
    expect(new Set(hub.asked.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer hf_secret"]),
    );
    expect(storage.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
    expect(await readFile(join(path, "openvino_model.bin"))).toEqual(weights);
  });

  test("is read from the file that a login wrote", async () => {
    hub.commit(ID, irRepository());
    await mkdir(env["HF_HOME"] ?? "", { recursive: true });
    await writeFile(join(env["HF_HOME"] ?? "", "token"), "hf_of_file\n");
    await pull(ID);
    expect(hub.asked[0]?.authorization).toBe("Bearer hf_of_file");
  });

  test("that no header can hold is refused, and not shown", async () => {
    env = { ...env, HF_TOKEN: "a\nb secret" };
    const outcome = pull(ID);
    await expect(outcome).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/HF_TOKEN/) as string,
    });
    await expect(outcome).rejects.not.toThrow("secret");
  });
});

describe("a hub that refuses", () => {
  const answer = (status: number, code = "", headers: Record<string, string> = {}, times = Infinity) =>
    hub.trick(
      /./,
      (_request, response) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        fail(response, status, code);
      },
      times,
    );

  test.each([
    [401, "", "ERR_MODEL_NOT_FOUND", /no model OpenVINO\/tiny-int4-ov.*HF_TOKEN/],
    [404, "RepoNotFound", "ERR_MODEL_NOT_FOUND", /no model OpenVINO\/tiny-int4-ov/],
    [404, "RevisionNotFound", "ERR_MODEL_NOT_FOUND", /revision/],
    [403, "GatedRepo", "ERR_DOWNLOAD", /accepted its terms.*\/OpenVINO\/tiny-int4-ov.*HF_TOKEN/],
    [401, "GatedRepo", "ERR_DOWNLOAD", /accepted its terms/],
    [403, "", "ERR_DOWNLOAD", /refused.*403.*HF_TOKEN/],
    [400, "", "ERR_DOWNLOAD", /400/],
  ])("with %d %s", async (status, header, code, message) => {
    answer(status, header);
    await expect(pull(ID)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(hub.asked).toHaveLength(1);
  });

  test("a token that is wrong is reported as such", async () => {
    env = { ...env, HF_TOKEN: "hf_wrong" };
    answer(401);
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/token.*wrong/) as string,
    });
  });

  test.each([429, 500, 502, 503])("with %d for a while is asked again", async (status) => {
    hub.commit(ID, irRepository());
    answer(status, "", { "Retry-After": "0" }, 2);
    await pull(ID);
    expect(retries()).toHaveLength(2);
  });

  test("waits as long as the hub asks it to, and not for an hour", async () => {
    hub.commit(ID, irRepository());
    answer(429, "", { "Retry-After": "1" }, 1);
    await pull(ID);
    expect(events.find((event) => event.type === "retry")).toMatchObject({ pauseMs: 1000 });
    answer(429, "", { "Retry-After": "3600" });
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/60 minutes/) as string,
    });
  });

  test("with 5xx for ever is given up", async () => {
    answer(503);
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/503, 4 times/) as string,
    });
    expect(hub.asked).toHaveLength(4);
  });

  test("in the midst of the files leaves what has come", async () => {
    hub.commit(ID, irRepository());
    hub.trick(/resolve.*openvino_model\.bin/, (_request, response) => fail(response, 403, ""), Infinity);
    await expect(pull(ID)).rejects.toMatchObject({ code: "ERR_DOWNLOAD" });
    hub.tricks.length = 0;
    events = [];
    await pull(ID);
    expect(plan()?.missingBytes).toBe(weights.length);
  });

  test.each(["http://127.0.0.1:1", "http://no-such-host.invalid"])(
    "%s cannot be reached",
    async (endpoint) => {
      env = { ...env, HF_ENDPOINT: endpoint };
      await expect(pull(ID)).rejects.toMatchObject({
        code: "ERR_DOWNLOAD",
        message: expect.stringMatching(/cannot be reached.*HTTPS_PROXY and HF_ENDPOINT/),
      });
    },
  );

  test.each(["ftp://hub", "huggingface.co", "http://"])("%j is no endpoint", async (endpoint) => {
    env = { ...env, HF_ENDPOINT: endpoint };
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/HF_ENDPOINT/) as string,
    });
  });
});

describe("a hub that lies", () => {
  const entry = (path: string) => treeEntry(path, { content: Buffer.from("x"), isLarge: false });
  test.each(["../../outside", "a/../../b", "/etc/passwd", "a\\..\\b", "C:/x", "a//b", "./a", "a\u0000b", ""])(
    "of a path that leads out: %j",
    async (path) => {
      hub.commit(ID, irRepository());
      hub.trick(/\/tree\//, (_request, response) => json(response, [entry("config.json"), entry(path)]));
      await expect(pull(ID)).rejects.toMatchObject({
        code: "ERR_DOWNLOAD",
        message: expect.stringMatching(/paths of files within the model/) as string,
      });
      expect(hub.downloads).toEqual([]);
      expect(await readdir(join(cache, "..")).catch(() => [])).toEqual([]);
    },
  );

  test.each([
    ["no hash", { oid: "../../x" }],
    ["no size", { size: -1 }],
    ["a large file without a hash", { lfs: { oid: "x", size: 5 } }],
  ])("of a file with %s", async (_what, wrong) => {
    hub.commit(ID, irRepository());
    hub.trick(/\/tree\//, (_request, response) => json(response, [{ ...entry("config.json"), ...wrong }]));
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/size and hashes/) as string,
    });
  });

  test.each([
    ["HTML", "<html>Log in</html>"],
    ["no commit", '{"sha": "../../x"}'],
    ["null", "null"],
  ])("or is none: %s", async (_what, body) => {
    hub.trick(/./, (_request, response) => void response.end(body));
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/HF_ENDPOINT: it may not be a hub/) as string,
    });
  });

  test("with pages without an end, and redirects without an end", async () => {
    hub.commit(ID, irRepository());
    hub.trick(
      /\/revision\//,
      (request, response) => void response.writeHead(307, { Location: request.url ?? "" }).end(),
      Infinity,
    );
    await expect(pull(ID)).rejects.toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringMatching(/without an end/) as string,
    });
    hub.tricks.length = 0;
    hub.trick(
      /\/tree\//,
      (request, response) => {
        response.setHeader("Link", `<${request.url ?? ""}>; rel="next"`);
        json(response, [{ type: "directory", path: "a" }]);
      },
      Infinity,
    );
    await expect(pull(ID)).rejects.toMatchObject({ code: "ERR_DOWNLOAD" });
  });
});

test("a pulled model is verified by the hub's hashes, and removed with all its revisions", async () => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  hub.commit(ID, irRepository());
  const { path } = await pull(ID);
  expect(await verifyModel(ID)).toMatchObject({
    name: ID,
    path,
    status: "intact",
    fileCount: TAKEN.length,
    problems: [],
  });
  await writeFile(join(path, "config.json"), '{"model_type": "llamA", "seed": 0}');
  expect(await verifyModel(ID)).toMatchObject({
    status: "damaged",
    problems: ["config.json has another size or hash than the hub's"],
  });
  expect(await removeModel(ID)).toBe(repository());
  expect(await readdir(cache)).toEqual([".locks"]);
  expect(await readdir(join(cache, ".locks"))).toEqual([]);
  await expect(resolveModel(ID, env)).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
  await expect(removeModel(ID)).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
});

test("a name that was changed on the hub is followed, and goes by what it was asked for", async () => {
  hub.commit("New/name", irRepository());
  hub.trick(
    /\/api\/models\/OpenVINO/,
    ({ url = "" }, response) => {
      response.writeHead(307, { Location: url.replace(ID, "New/name") }).end();
    },
    Infinity,
  );
  hub.trick(
    /^\/OpenVINO/,
    ({ url = "" }, response) => {
      response.writeHead(307, { Location: url.replace(ID, "New/name") }).end();
    },
    Infinity,
  );
  await pull(ID);
  expect(await resolveModel(ID, env)).toMatchObject({ name: ID });
});

test("a plain proxy is asked for the whole address, with its name and password, and NO_PROXY is left out", async () => {
  hub.commit(ID, irRepository());
  const proxied: string[] = [];
  const proxy = createServer((request, response) => {
    proxied.push(`${request.url} ${request.headers["proxy-authorization"]}`);
    const passOn = async (): Promise<void> => {
      const answer = await fetch(request.url ?? "");
      response.setHeader("Link", answer.headers.get("link") ?? "");
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    };
    void passOn();
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const address = `http://me:pass@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  env = { ...env, http_proxy: address, NO_PROXY: "", no_proxy: "" };
  await pull(ID);
  expect(proxied).toHaveLength(hub.asked.length);
  expect(proxied[0]).toBe(
    `${hub.url}/api/models/${ID}/revision/main Basic ${Buffer.from("me:pass").toString("base64")}`,
  );
  await pull(ID, { env: { ...env, no_proxy: "localhost,127.0.0.1" } });
  expect(proxied.length).toBeLessThan(hub.asked.length);
  proxy.closeAllConnections();
  proxy.close();
});
