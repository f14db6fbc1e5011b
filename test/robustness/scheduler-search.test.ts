import { beforeAll, describe, expect, it } from "vitest";
import { makeModels, runCases, type SearchResult } from "../../scripts/scheduler-search/run.mjs";
import { temporaryFolder } from "../helpers/chain.js";

/** More of them: node scripts/scheduler-search.mjs --seconds 600 */
const CASES = 80;
const LIMIT_MS = 60_000;

describe("random configurations of the scheduler under random loads", () => {
  let results: SearchResult[];
  beforeAll(async () => {
    const models = await makeModels(temporaryFolder());
    const seeds = Array.from({ length: CASES }, (_, seed) => seed);
    results = await runCases(seeds, { models, limitMs: LIMIT_MS });
  }, 900_000);

  it("end no process, and answer correctly or with an error that has a reason", () => {
    expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
    expect(results.map(({ seed }) => seed)).toEqual(Array.from({ length: CASES }, (_, seed) => seed));
  });

  it("meet every ending", () => {
    const endings = new Set(results.flatMap((result) => Object.keys(result.endings)));
    for (const ending of ["length", "stop", "abort", "ERR_ABORTED", "ERR_CLOSED", "ERR_KV_CACHE_FULL"]) {
      expect(endings).toContain(ending);
    }
  });
});
