import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { runNode } from "../helpers/run-node.js";

const CLOSE_RACE = fileURLToPath(new URL("close-race.mjs", import.meta.url));
const NOTHING = {
  pipelines: 0,
  tokenizers: 0,
  textModels: 0,
  workers: 0,
  engines: 0,
  requests: 0,
  channels: 0,
};
const PENDING = ["load", "queue", "generate", "stream", "close", "drain", "two"];

/** What both classes do with threads is the same code; batching runs the two settings with the most of them. */
const SETTINGS = [
  ...["main", "worker", "both", "three"].map((threads) => ({ className: "LLMPipeline", threads })),
  ...["both", "three"].map((threads) => ({ className: "ContinuousBatchingPipeline", threads })),
];

let model: string;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true, contextLength: 4096 });
});

describe.each(SETTINGS)("$className: close() at a random moment, threads: $threads", (setting) => {
  const { className, threads } = setting;
  it.each(PENDING)("while this is pending: %s", async (pending) => {
    const ended = await runNode(["--expose-gc", CLOSE_RACE, className, model, threads, pending, "1"]);
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: "" });
    const { settled, live } = JSON.parse(ended.stdout) as { settled: number; live: unknown };
    expect(settled).toBeGreaterThan(0);
    expect(live).toEqual(NOTHING);
  });
});
