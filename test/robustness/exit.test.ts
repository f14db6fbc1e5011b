import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { runNode } from "../helpers/run-node.js";

const LIFE = fileURLToPath(new URL("life.mjs", import.meta.url));
const STAGES = [
  "loading",
  "idle",
  "queued",
  "prefill",
  "between",
  "unread",
  "tokenizing",
  "closing",
  "draining",
  "closed",
];

/** Long enough to be cut off, short enough to come to its end where nothing cuts it off. */
let model: string;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true, contextLength: 4096 });
});

/** Endings on the main thread, with the exit code or signal that each must have. */
const MAIN = [
  { ending: "return", code: 0, signal: null, stderr: /^$/ },
  { ending: "exit", code: 7, signal: null, stderr: /^$/ },
  { ending: "throw", code: 1, signal: null, stderr: /on purpose/ },
  { ending: "sigterm", code: null, signal: "SIGTERM", stderr: /^$/ },
];

/** Endings in a worker thread; the main thread must see the worker end and go on. */
const WORKER = [
  { ending: "return", stdout: /worker exit 0\n$/ },
  { ending: "exit", stdout: /worker exit 7\n$/ },
  { ending: "throw", stdout: /worker: on purpose\n(alive\n)?worker exit 1\n/ },
  { ending: "terminate", stdout: /worker exit 1\n/ },
];

/**
 * How a process ends is the same code for both classes, so batching has one ending of each way into the engine: left to
 * itself, closed by the 'exit' event, and closed by the end of a thread in the middle of its work.
 */
const CLASSES = [
  { className: "LLMPipeline", main: MAIN, worker: WORKER },
  {
    className: "ContinuousBatchingPipeline",
    main: MAIN.filter(({ ending }) => ending === "return" || ending === "exit"),
    worker: WORKER.filter(({ ending }) => ending === "terminate"),
  },
];

describe.each(CLASSES)("$className", ({ className, main, worker }) => {
  describe.each(STAGES)("a process ends while its pipeline is %s", (stage) => {
    it.each(main)("by $ending", async ({ ending, code, signal, stderr }) => {
      const ended = await runNode([LIFE, className, model, stage, ending, "main"]);
      expect(ended).toMatchObject({ code, signal, stdout: "" });
      expect(ended.stderr).toMatch(stderr);
      expect(ended.stderr).not.toMatch(/terminate called|Segmentation|leaked|FATAL/);
    });

    it.each(worker)("in a worker thread, by $ending", async ({ ending, stdout }) => {
      const ended = await runNode([LIFE, className, model, stage, ending, "worker"]);
      expect(ended).toMatchObject({ code: 0, signal: null, stderr: "" });
      expect(ended.stdout).toMatch(stdout);
    });
  });
});
