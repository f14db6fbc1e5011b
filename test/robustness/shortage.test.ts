import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cacheDir } from "../../lib/cache/cache.js";
import { LLMPipeline } from "../../lib/index.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { mountAgain, mounts } from "../helpers/mounts.js";
import { given, need, needs } from "../helpers/needs.js";
import { asOtherUser, otherUser } from "../helpers/other-user.js";
import { runProgram } from "../helpers/run-node.js";

const limits = need("prlimit", spawnSync("prlimit", ["--version"]).status === 0);

const CLASSES = ["LLMPipeline", "ContinuousBatchingPipeline"] as const;
const NO_THREADS = /ERR_OUT_OF_THREADS .*the system gave no more threads\. .*ulimit -u/;
/** Threads need addresses too, so a bound of memory is met as either. */
const NO_MEMORY =
  /ERR_OUT_OF_MEMORY .*the system gave no more memory\. .*ulimit -v|ERR_OUT_OF_THREADS .*ulimit -v/;
/** V8 ends a process whose heap cannot grow; this one need not grow, so that it is the engine that is left without memory. */
const ROOMY_HEAP = ["--min-semi-space-size=16", "--max-semi-space-size=16", "--initial-old-space-size=256"];
const AT_LAST = { "load at last": "ok", "generate at last": "ok", "close at last": "ok" };

let model: string;
let child = fileURLToPath(new URL("shortage.mjs", import.meta.url));
let cache = cacheDir();
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true });
  // Converted here, so that the children need not.
  await (await LLMPipeline.load(model)).close();
  if (!mounts.isThere) return;
  child = join(mountAgain(fileURLToPath(new URL("../..", import.meta.url))), "test/robustness/shortage.mjs");
  cache = mountAgain(cache);
});

/** What came of each step of the child, which went on to its end. */
async function run(
  className: string,
  resource: "nproc" | "as",
  more: number,
  before: "load" | "generate",
): Promise<Record<string, string>> {
  const words = [child, className, model, resource, `${more}`, before];
  const node = [process.execPath, ...(resource === "as" ? ROOMY_HEAP : []), ...words] as const;
  // Root may have any number of threads.
  const [command, args] = resource === "nproc" ? asOtherUser(...node) : [node[0], node.slice(1)];
  const { code, signal, stdout, stderr } = await runProgram(command, args, {
    env: { OPENVINO_LLM_CACHE: cache },
  });
  expect({ code, signal }, `${more} more:\n${stdout}${stderr}`).toEqual({ code: 0, signal: null });
  return Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
}

describe.each(CLASSES)(
  "%s without threads",
  given(otherUser, mounts, limits, needs.noSanitizer),
  (className) => {
    test("says so at the load, at whichever thread it is, and loads when there are some", async () => {
      for (const more of [0, 3, 6]) {
        expect(await run(className, "nproc", more, "load")).toEqual({
          load: expect.stringMatching(NO_THREADS),
          ...AT_LAST,
        });
      }
    }, 60_000);
  },
);

describe("without threads", given(otherUser, mounts, limits, needs.noSanitizer), () => {
  test("an LLMPipeline says so, and that it has to be loaded again, because GenAI keeps the request", async () => {
    expect(await run("LLMPipeline", "nproc", 0, "generate")).toEqual({
      load: "ok",
      generate: expect.stringMatching(NO_THREADS),
      again: expect.stringMatching(/^ERR_ENGINE_BROKEN .*load the model again/),
      encode: "ok",
      close: "ok",
      ...AT_LAST,
    });
  });

  test("a ContinuousBatchingPipeline goes on, as it starts none", async () => {
    expect(await run("ContinuousBatchingPipeline", "nproc", 0, "generate")).toEqual({
      load: "ok",
      generate: "ok",
      again: "ok",
      encode: "ok",
      close: "ok",
      ...AT_LAST,
    });
  });
});

describe.each(CLASSES)("%s without memory", given(limits, needs.noSanitizer), (className) => {
  test("says so at the load, wherever it was met, and loads when there is some", async () => {
    for (const more of [100, 200, 300]) {
      expect(await run(className, "as", more, "load")).toEqual({
        load: expect.stringMatching(NO_MEMORY),
        ...AT_LAST,
      });
    }
  }, 60_000);
});

describe.each(CLASSES)(
  "%s without memory for a generation",
  given(limits, needs.noSanitizer),
  (className) => {
    test("says so, and is not used again: its kernels would run without what they did not get", async () => {
      expect(await run(className, "as", 10, "generate")).toEqual({
        load: "ok",
        generate: expect.stringMatching(NO_MEMORY),
        again: expect.stringMatching(/^ERR_ENGINE_BROKEN .*load the model again/),
        encode: "ok",
        close: "ok",
        ...AT_LAST,
      });
    });
  },
);
