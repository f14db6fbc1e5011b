import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseHubName } from "../../../../lib/hub/model-name.js";
import { pullFromHub, type HubPullOptions } from "../../../../lib/models/pull/pull-from-hub.js";
import { resolveModel } from "../../../../lib/models/store/resolve.js";
import { FakeHub } from "../../../helpers/fake-hub.js";
import { findHubClient, type HubClient } from "../../../helpers/hub-client.js";
import { hubEnvironment, ID, irRepository, TAKEN } from "../../../helpers/hub-model.js";
import { given, need } from "../../../helpers/needs.js";

// The cache is shared with huggingface_hub: each reads what the other wrote.

vi.setConfig({ testTimeout: 60_000 });

const client = await findHubClient();
const python: HubClient = client ?? (() => Promise.reject(new Error("no Python")));

let hub: FakeHub;
let env: Record<string, string>;
beforeEach(async () => {
  hub = await FakeHub.start();
  env = hubEnvironment(hub.url);
});
afterEach(() => hub[Symbol.asyncDispose]());

function pull(name = ID, options: HubPullOptions = {}) {
  const parsed = parseHubName(name);
  if (parsed === null) throw new Error(name);
  return pullFromHub(parsed, { env, ...options });
}

const DOWNLOAD = `
import sys
from huggingface_hub import snapshot_download
print(snapshot_download("${ID}"`;

describe("huggingface_hub", given(need("Python 3.11", client !== null)), () => {
  test("finds what we pulled, offline and online, and downloads none of it again", async () => {
    const sha = hub.commit(ID, irRepository());
    const { path } = await pull(ID, { include: ["*"] });
    const pulled = hub.downloads.length;
    const offline = { ...env, HF_HUB_OFFLINE: "1" };
    const program = `
from huggingface_hub import hf_hub_download, try_to_load_from_cache, scan_cache_dir
print(hf_hub_download("${ID}", "openvino_model.bin"))
print(try_to_load_from_cache("${ID}", "config.json", revision="${sha}"))
info = scan_cache_dir()
print(len(info.warnings), [(r.repo_id, r.nb_files, [v.commit_hash for v in r.revisions]) for r in info.repos])`;
    const lines = (await python(program, offline)).trim().split("\n");
    expect(lines.slice(0, 2)).toEqual([join(path, "openvino_model.bin"), join(path, "config.json")]);
    expect(lines[2]).toBe(`0 [('${ID}', ${TAKEN.length}, ['${sha}'])]`);
    const ignored = `, ignore_patterns=["*.py", ".git*"]))`;
    expect((await python(DOWNLOAD + ignored, offline)).trim()).toBe(path);
    expect((await python(DOWNLOAD + ignored, env)).trim()).toBe(path);
    expect(hub.downloads).toHaveLength(pulled);
  });

  test("sees which of our snapshots are not whole", async () => {
    hub.commit(ID, irRepository());
    await pull(ID);
    const program = `
from huggingface_hub import snapshot_download
try:
    snapshot_download("${ID}", local_files_only=True)
except Exception as error:
    print(type(error).__name__)`;
    // It counts the code that we do not take.
    expect((await python(program, env)).trim()).toBe("IncompleteSnapshotError");
  });

  test("downloads what we find whole, and of which we download nothing again", async () => {
    hub.commit(ID, irRepository());
    const dir = (await python(`${DOWNLOAD}))`, env)).trim();
    expect(await resolveModel(ID, env)).toEqual({ kind: "ir", name: ID, dir });
    const before = hub.downloads.length;
    expect(await pull()).toMatchObject({ path: dir, downloadedBytes: 0 });
    expect(hub.downloads).toHaveLength(before);
  });

  test("downloads a part, of which we say what is missing, and get the rest alone", async () => {
    hub.commit(ID, irRepository());
    const dir = (await python(`${DOWNLOAD}, allow_patterns=["*.xml", "*.bin"]))`, env)).trim();
    const missing = {
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(
        /config\.json, generation_config\.json.*are missing.*models pull OpenVINO/,
      ),
    };
    await expect(resolveModel(ID, env)).rejects.toMatchObject(missing);
    // Without its list of files, config.json stands for what is not known.
    await rm(join(dir, "..", "..", "trees"), { recursive: true });
    await expect(resolveModel(ID, env)).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(/config\.json is missing/) as string,
    });
    const before = hub.downloads.length;
    await pull();
    expect(
      hub.downloads
        .slice(before)
        .map(({ path }) => path.split("/").at(-1))
        .toSorted((a, b) => ((a ?? "") < (b ?? "") ? -1 : 1)),
    ).toEqual(TAKEN.filter((name) => !/\.(?:xml|bin)$/.test(name)));
    expect(await resolveModel(ID, env)).toMatchObject({ dir });
  });

  test("takes a flipped byte for good, which our pull repairs", async () => {
    hub.commit(ID, irRepository());
    const weights = irRepository()["openvino_model.bin"] as Buffer;
    const flipped = Buffer.from(weights);
    flipped.writeUInt8(flipped.readUInt8(77) ^ 4, 77);
    hub.trick(
      /resolve.*openvino_model\.bin/,
      ({ method }, response) => {
        const about = { "Content-Length": flipped.length, ETag: '"x"', "X-Repo-Commit": "" };
        response.writeHead(200, about).end(method === "HEAD" ? undefined : flipped);
      },
      0,
    );
    hub.tricks.push(({ method, url = "" }, response) => {
      if (method !== "GET" || !/resolve.*openvino_model\.bin/.test(url)) return false;
      response.writeHead(200, { "Content-Length": flipped.length }).end(flipped);
      return true;
    });
    const dir = (await python(`${DOWNLOAD}))`, env)).trim();
    expect(await readFile(join(dir, "openvino_model.bin"))).toEqual(flipped);
    hub.tricks.length = 0;
    await pull();
    expect(await readFile(join(dir, "openvino_model.bin"))).toEqual(weights);
  });

  test("reads a file of GGUF that we pulled by its quantisation", async () => {
    hub.commit("a/b-GGUF", { "b-Q8_0.gguf": "Q8", "b-Q4_0.gguf": "Q4", "README.md": "b" });
    const { path } = await pull("a/b-GGUF:Q8_0");
    const program = `from huggingface_hub import hf_hub_download\nprint(hf_hub_download("a/b-GGUF", "b-Q8_0.gguf"))`;
    expect((await python(program, { ...env, HF_HUB_OFFLINE: "1" })).trim()).toBe(path);
    expect(await resolveModel("a/b-GGUF:Q8_0", env)).toEqual({ kind: "gguf", name: "a/b-GGUF:Q8_0", path });
    expect(await resolveModel("a/b-GGUF", env)).toMatchObject({ path });
    await expect(resolveModel("a/b-GGUF:Q4_0", env)).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(/it holds a\/b-GGUF:Q8_0.*models pull a\/b-GGUF:Q4_0/) as string,
    });
  });
});
