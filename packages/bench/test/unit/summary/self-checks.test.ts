import { describe, expect, it } from "vitest";
import type { BenchData } from "../../../lib/results/bench-data.js";
import { noticesOf } from "../../../lib/summary/notices.js";
import type { RunRecord } from "../../../lib/measure/records.js";
import { selfChecks, type SelfCheck } from "../../../lib/summary/self-checks.js";
import { dataOf, ENVIRONMENT, factsOf, QUIET_HOST, requestOf, runOf } from "../sample-data.js";

function check(name: SelfCheck["name"], data: BenchData): SelfCheck {
  const found = selfChecks(data).find((one) => one.name === name);
  if (found === undefined) throw new Error(`No check ${name}.`);
  return found;
}

/** The same data with one run changed. */
function withRun(data: BenchData, index: number, change: (run: RunRecord) => Partial<RunRecord>): BenchData {
  const runs = data.runs.map((run, at) => (at === index ? { ...run, ...change(run) } : run));
  return { ...data, runs };
}

describe("selfChecks", () => {
  it("are all fine for a closed loop in step", () => {
    expect(selfChecks(dataOf()).map(({ name, status }) => [name, status])).toEqual([
      ["identity", "ok"],
      ["token-counts", "ok"],
      ["failed-requests", "ok"],
      ["distinct-prompts", "ok"],
      ["prefix-cache", "ok"],
    ]);
  });

  it("flag a run whose throughput does not follow from its latencies within 3 %", () => {
    const slower = (by: number) => withRun(dataOf(), 1, (run) => ({ durationMs: run.durationMs * by }));
    expect(check("identity", slower(1.02)).status).toBe("ok");
    const flagged = check("identity", slower(1.1));
    expect(flagged.status).toBe("warn");
    expect(flagged.message).toContain("1 of 4 runs");
    expect(flagged.message).toContain("−9.1 % at model, concurrency 2, repeat 1");
  });

  it("do not apply the identity to arrivals, to other lengths or prompts, or where nothing completed", () => {
    for (const options of [{ requestRate: 5 }, { rangeRatio: 0.2 }, { dataset: "prompts.jsonl" }]) {
      expect(check("identity", dataOf(options)).status).toBe("not applicable");
    }
    expect(check("identity", dataOf({}, { runs: () => [] })).status).toBe("not applicable");
  });

  it("fail for requests that gave more or fewer tokens, or took other prompts, than planned", () => {
    const wrong = (fields: object) =>
      withRun(dataOf(), 0, ({ requests }) => ({
        requests: [{ ...requests[0]!, ...fields }, ...requests.slice(1)],
      }));
    for (const fields of [{ expectedTokens: 9 }, { expectedPromptTokens: 15 }, { deliveredMs: [1] }]) {
      expect(check("token-counts", wrong(fields)).status).toBe("fail");
    }
    expect(check("token-counts", wrong({ expectedPromptTokens: null })).status).toBe("ok");
    expect(check("token-counts", wrong({ expectedTokens: 9 })).message).toContain(
      "16 tokens in and 8 out instead of 16 and 9",
    );
  });

  it("fail for requests that failed, and report the first one's error", () => {
    const data = withRun(dataOf(), 2, ({ requests }) => ({
      requests: [...requests, requestOf({ error: "Out of cache.", prefixKey: "other" })],
    }));
    expect(check("failed-requests", data)).toMatchObject({
      status: "fail",
      message: "1 of 129 requests failed, the first one with: Out of cache.",
    });
  });

  it("warn of prompts that begin like an earlier one of the same model, in a warm-up too, and of no other's", () => {
    const [first] = dataOf().runs;
    const key = first!.requests[0]!.prefixKey;
    expect(
      check(
        "distinct-prompts",
        withRun(dataOf(), 3, () => ({ warmupKeys: [key] })),
      ).status,
    ).toBe("warn");
    const twice = withRun(dataOf(), 3, ({ requests }) => ({
      requests: requests.map((request) => ({ ...request, prefixKey: key })),
    }));
    expect(check("distinct-prompts", twice).message).toContain("32 prompts");
    const two = dataOf({}, { models: ["a", "b"], runs: ({ runs }) => runs.map((run) => runOf({ ...run })) });
    const equal = {
      ...two,
      runs: two.runs.map((run) => ({
        ...run,
        warmupKeys: run.warmupKeys.map((one) => one.slice(1)),
        requests: run.requests.map((request) => ({ ...request, prefixKey: request.prefixKey.slice(1) })),
      })),
    };
    expect(check("distinct-prompts", equal).status).toBe("ok");
  });

  it("fail where the engine says that prompt tokens came out of a cache", () => {
    const data = withRun(dataOf(), 0, ({ requests }) => ({
      requests: requests.map((request) => ({ ...request, cachedTokens: 2 })),
    }));
    expect(check("prefix-cache", data)).toMatchObject({ status: "fail" });
    expect(check("prefix-cache", data).message).toContain("64 prompt tokens");
  });

  it("look at prompts and first tokens where prefix caching is on or unknown", () => {
    const caching = (prefixCaching: boolean | null) =>
      dataOf({}, { targets: [factsOf("model", { prefixCaching })] });
    expect(check("prefix-cache", caching(true))).toMatchObject({ status: "ok" });
    expect(check("prefix-cache", caching(true)).message).toContain("is on for model");
    expect(check("prefix-cache", caching(null)).message).toContain("on or unknown for model");
    const sooner = withRun(caching(true), 3, ({ requests }) => ({
      requests: requests.map(({ index, prefixKey }) => requestOf({ index, prefixKey, ttftMs: 20 })),
    }));
    expect(check("prefix-cache", sooner)).toMatchObject({ status: "warn" });
    expect(check("prefix-cache", sooner).message).toContain("at model, concurrency 2, repeat 2");
    const same = withRun(caching(true), 3, ({ requests }) => ({ warmupKeys: [requests[0]!.prefixKey] }));
    expect(check("prefix-cache", same)).toMatchObject({ status: "warn" });
  });
});

describe("noticesOf", () => {
  it("has none for a quiet machine", () => {
    expect(noticesOf(dataOf())).toEqual([]);
  });

  it("reports other programs, a host that took time, load before, and a busy client", () => {
    const noisy = withRun(dataOf(), 1, () => ({
      host: { ...QUIET_HOST, othersCpuShare: 0.2, stealShare: 0.031, clientCpuShare: 0.4 },
    }));
    const notices = noticesOf({ ...noisy, environments: [{ ...ENVIRONMENT, loadAverage: [6, 1, 1] }] });
    expect(notices).toEqual([
      "Noisy: other programs used up to 20 % of all CPU time (more than 5.0 % in 1 of 4 runs).",
      "Noisy: the host of this virtual machine took up to 3.1 % of its CPU time (more than 2.0 % in 1 of 4 runs).",
      "The machine was busy before the benchmark began: load average 6.00 on 8 threads.",
      "The client's thread used up to 40 % of one CPU, which inference had to share.",
    ]);
  });

  it("has none for what the system does not report", () => {
    const unknown = withRun(dataOf(), 0, () => ({
      host: { ...QUIET_HOST, othersCpuShare: null, stealShare: null, clientCpuShare: null },
    }));
    expect(noticesOf(unknown)).toEqual([]);
  });
});
