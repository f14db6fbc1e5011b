import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { SchedulerOptions } from "../../lib/index.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { leaveSignalsToTheSystem } from "../helpers/crashes.js";
import { runNode } from "../helpers/run-node.js";

const CHILD = join(import.meta.dirname, "small-cache.mjs");

let model: string;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true, contextLength: 4096 });
});
leaveSignalsToTheSystem();

type Request = readonly [promptTokens: number, maxNewTokens: number];

interface Load {
  readonly scheduler: SchedulerOptions;
  readonly requests: readonly Request[];
}

async function endingsOf(loads: readonly Load[]): Promise<string[][]> {
  const { code, signal, stdout, stderr } = await runNode([CHILD, model, JSON.stringify(loads)]);
  expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as string[]);
}

const alike = (count: number, request: Request): Request[] => Array.from({ length: count }, () => request);
const UNSPLIT: SchedulerOptions = { numKvBlocks: 6, dynamicSplitFuse: false };
const right = (count: number): string[] => Array.from({ length: count }, () => "right");

describe("a cache that is too small for all who ask", () => {
  // GenAI by itself ends the process in each of these: requests that have lost all their blocks are left among themselves.
  it.each<readonly [string, Load]>([
    ["without split-fuse, all alike", { scheduler: UNSPLIT, requests: alike(14, [33, 140]) }],
    ["without split-fuse, long prompts", { scheduler: UNSPLIT, requests: alike(14, [81, 60]) }],
    ["without split-fuse, long answers", { scheduler: UNSPLIT, requests: alike(14, [20, 160]) }],
    [
      "with split-fuse, behind two that fill it",
      { scheduler: { numKvBlocks: 8 }, requests: [...alike(2, [1, 253]), ...alike(24, [20, 62])] },
    ],
  ])("answers all %s", async (_, load) => {
    expect(await endingsOf([load])).toEqual([right(load.requests.length)]);
  });

  it("fails the one that is larger than it, and no other", async () => {
    const requests: Request[] = [[10, 40], [10, 400], ...alike(6, [10, 40])];
    const endings = right(8).with(1, "ERR_KV_CACHE_FULL");
    for (const dynamicSplitFuse of [false, true]) {
      expect(await endingsOf([{ scheduler: { numKvBlocks: 6, dynamicSplitFuse }, requests }])).toEqual([
        endings,
      ]);
    }
  });
});
