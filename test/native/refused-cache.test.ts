import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { cacheDir } from "../../lib/cache/cache.js";
import { LLMPipeline, Tokenizer } from "../../lib/index.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { chainModel, temporaryFolder } from "../helpers/chain.js";
import { fillDisk, makeReadOnly, mountAgain, mounts, mountTmpfs } from "../helpers/mounts.js";
import { given, needs } from "../helpers/needs.js";
import { asOtherUser, otherUser } from "../helpers/other-user.js";
import { runNode, runProgram } from "../helpers/run-node.js";

const COMMAND = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const OWN_CACHE = cacheDir();

let model: string;
let runtime: string;
beforeAll(async () => {
  model = await chainModel({ text: "right" });
  runtime = locateRuntime().dir;
});

/** Loads with another cache; the runtime stays where it is. */
async function loadWith(cache: string, load: () => Promise<AsyncDisposable>): Promise<void> {
  vi.stubEnv("OPENVINO_LLM_RUNTIME", runtime);
  vi.stubEnv("OPENVINO_LLM_CACHE", cache);
  try {
    await (await load())[Symbol.asyncDispose]();
  } finally {
    vi.unstubAllEnvs();
  }
}

describe("a GGUF file whose conversion cannot be kept", () => {
  test.each([
    ["a pipeline", () => LLMPipeline.load(model)],
    ["a tokenizer", () => Tokenizer.load(model)],
  ])("is reported by the load of %s where the cache is a file", async (_, load) => {
    const cache = join(temporaryFolder(), "cache");
    await writeFile(cache, "");
    await expect(loadWith(cache, load)).rejects.toMatchObject({
      code: "ERR_NOT_WRITABLE",
      message: expect.stringMatching(
        /to convert chain\.gguf in .*cache is a file, not a folder.*OPENVINO_LLM_CACHE/,
      ),
    });
  });

  test("is reported where the cache is read-only", given(mounts), async () => {
    const cache = mountTmpfs("size=2m");
    makeReadOnly(cache);
    await expect(loadWith(cache, () => LLMPipeline.load(model))).rejects.toMatchObject({
      code: "ERR_NOT_WRITABLE",
      message: expect.stringMatching(
        /to convert chain\.gguf in .*its file system is read-only.*OPENVINO_LLM_CACHE/,
      ),
    });
  });

  test("is reported where the disk is full before it, and however far it gets", given(mounts), async () => {
    const cache = mountTmpfs("size=4m");
    const filling = join(cache, "filling");
    fillDisk(filling);
    const { size } = await stat(filling);
    const full = {
      code: "ERR_DISK_FULL",
      message: expect.stringMatching(
        /to convert chain\.gguf \(about \d+ kB\) but its disk .*OPENVINO_LLM_CACHE/,
      ),
    };
    for (const roomBytes of [0, 64, 340, 400, 440, 480, 520].map((kilobytes) => kilobytes << 10)) {
      await writeFile(filling, "");
      await writeFile(filling, Buffer.alloc(size - roomBytes, 1));
      await expect(
        loadWith(cache, () => LLMPipeline.load(model)),
        `${roomBytes} bytes of room`,
      ).rejects.toMatchObject(full);
      const left = await readdir(join(cache, "gguf")).catch(() => []);
      expect(left.filter((name) => name !== "hashes")).toEqual([]);
    }
    await writeFile(filling, "");
    await loadWith(cache, () => LLMPipeline.load(model));
  });
});

describe("a read-only cache", () => {
  test("is enough where it has the runtime and the converted model", given(mounts), async () => {
    await loadWith(OWN_CACHE, () => LLMPipeline.load(model));
    const cache = mountAgain(OWN_CACHE);
    makeReadOnly(cache);
    const ended = await runNode([COMMAND, "generate", "--model", model, "hello"], {
      env: { OPENVINO_LLM_CACHE: cache, OPENVINO_LLM_RUNTIME: "" },
    });
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining("right") });
  });

  test.each([
    [["runtime", "fetch"], /to unpack the OpenVINO runtime in .*read-only/],
    [["models", "fetch", "smollm2-135m-instruct"], /to make smollm2-135m-instruct in .*read-only/],
  ])("is reported by %j", given(mounts), async (args, message) => {
    const cache = mountTmpfs("size=2m");
    makeReadOnly(cache);
    const ended = await runNode([COMMAND, ...args], { env: { OPENVINO_LLM_CACHE: cache } });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
    expect(ended.stderr).toMatch(/with OPENVINO_LLM_CACHE\. \[ERR_NOT_WRITABLE\]\n$/);
  });
});

describe("a cache of another user", () => {
  test("is reported with what the system said", given(mounts, otherUser, needs.noSanitizer), async () => {
    const cache = join(mountTmpfs("size=2m,mode=755"), "cache");
    await mkdir(cache);
    const root = mountAgain(fileURLToPath(new URL("../..", import.meta.url)));
    const command = join(root, "dist/cli/main.js");
    const [program, args] = asOtherUser(process.execPath, command, "generate", "--model", model, "hello");
    const env = { OPENVINO_LLM_CACHE: cache, OPENVINO_LLM_RUNTIME: mountAgain(runtime) };
    const ended = await runProgram(program, args, { env });
    expect(ended).toMatchObject({ code: 1, signal: null });
    expect(ended.stderr).toMatch(
      /Expected to convert chain\.gguf in .* but this user may not write to .*\(EACCES\).*OPENVINO_LLM_CACHE\. \[ERR_NOT_WRITABLE\]/,
    );
  });
});
