import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { plainCases, seededCase, templateCases, type HostileCase } from "./hostile-cases.mjs";
import { makeSources, runCases, type HostileResult } from "./hostile-run.mjs";

/** More of them: npm run fuzz -- --seconds 600 */
const SEEDED_CASES = 60;
const LIMIT_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), "openvino-llm-hostile-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let sources: Awaited<ReturnType<typeof makeSources>>;
beforeAll(async () => {
  sources = await makeSources(folder);
});

async function run(cases: readonly HostileCase[], limitMs = LIMIT_MS): Promise<HostileResult[]> {
  return runCases(cases, { sources, limitMs, jobs: Math.min(availableParallelism(), 4) });
}

describe("the harness", () => {
  const whole: HostileCase = { name: "whole", model: "chain", edits: [] };

  it("sees a model that works", async () => {
    expect(await run([whole, { ...whole, model: "chain-gguf" }])).toEqual([
      expect.objectContaining({ outcome: "model", tokens: 3, faults: [] }),
      expect.objectContaining({ outcome: "model", tokens: 3, faults: [] }),
    ]);
  });

  it("sees which case ended a process or hung, and goes on with the next", async () => {
    const dies: HostileCase = { ...whole, name: "dies", harness: "SIGABRT" };
    const hangs: HostileCase = { ...whole, name: "hangs", harness: "hang" };
    expect(await run([whole, dies, whole, hangs, whole], 10_000)).toMatchObject([
      { outcome: "model" },
      { case: dies, outcome: "signal", signal: "SIGABRT", alone: true, faults: ["signal"] },
      { outcome: "model" },
      { case: hangs, outcome: "hang", faults: ["hang"] },
      { outcome: "model" },
    ]);
  });
});

/** What must come of every case: an error with a code and a message for users, or a model that works. */
describe.each([
  ["GGUF", plainCases("chain-gguf")],
  ["IR", plainCases("chain")],
  ["chat template", templateCases()],
  ["GGUF, by seed", Array.from({ length: SEEDED_CASES / 2 }, (_, seed) => seededCase("chain-gguf", seed))],
  ["IR, by seed", Array.from({ length: SEEDED_CASES }, (_, seed) => seededCase("chain", seed))],
])("a spoiled %s gives an error or a model", (_, cases) => {
  let results: HostileResult[];
  beforeAll(async () => {
    results = await run(cases);
  });

  it.each(cases.map(({ name }, index) => [name, index] as const))("%s", (name, index) => {
    expect(results[index]).toMatchObject({ case: { name }, faults: [] });
  });

  it("the cases are not all of one kind", () => {
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(["model", "error"]));
  });
});
