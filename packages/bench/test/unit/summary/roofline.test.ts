import { describe, expect, it } from "vitest";
import { rooflineLines, rooflineShares, rooflineTable } from "../../../lib/report/roofline-text.js";
import { markdownReport } from "../../../lib/report/report-markdown.js";
import { htmlReport } from "../../../lib/report/html/report.js";
import { summaryLines } from "../../../lib/cli/bench-lines.js";
import { settingDifferences } from "../../../lib/compare/compare-settings.js";
import type { TargetRoofline } from "../../../lib/summary/roofline.js";
import { summarize } from "../../../lib/summary/summary.js";
import type { Style } from "../../../../../lib/cli/terminal/style.js";
import type { TargetFacts } from "../../../lib/targets/target-facts.js";
import { dataOf, factsOf, runOf } from "../sample-data.js";
import { INFERENCE, STEP, withRoofline } from "../roofline-facts.js";

function dataWith(facts: Partial<TargetFacts> = {}, options: Parameters<typeof dataOf>[0] = {}, tpotMs = 10) {
  return dataOf(
    { levels: [1, 2, 8], repeats: 1, ...options },
    { targets: [withRoofline(facts)], runs: ({ runs }) => runs.map((run) => runOf(run, { tpotMs })) },
  );
}

function rooflineOf(...args: Parameters<typeof dataWith>): TargetRoofline {
  const [found] = summarize(dataWith(...args)).rooflines;
  if (found === undefined) throw new Error("No roofline.");
  return found;
}

const same = (text: string) => text;
const PLAIN: Style = { strong: same, faint: same, good: same, warning: same, bad: same };

// Prompts of 16 tokens and answers of 8: a step looks back at 20 tokens, each of 64 numbers in f16.
const CACHE_BYTES = 20 * 128;
const TOKEN = STEP.denseMultiplyAdds + 20 * STEP.attentionMultiplyAdds;

describe("rooflines", () => {
  it("have bytes, products, both limits and the share of a step at each level", () => {
    const { levels, bandwidth, peak, unknown, computeBoundFrom } = rooflineOf();
    expect(unknown).toBeNull();
    // The fastest of the numbers of threads, and of the instruction sets in the precision that ran.
    expect(bandwidth).toEqual({ threads: 2, bytesPerSecond: 10e9 });
    expect(peak).toMatchObject({ instructions: "avx10_1_512_amx", multiplyAddsPerSecond: 100e9 });
    expect(levels.map(({ concurrency, decode }) => [concurrency, decode.bytes, decode.multiplyAdds])).toEqual(
      [1, 2, 8].map((sequences) => [sequences, 50e6 + sequences * CACHE_BYTES, sequences * TOKEN]),
    );
    const [one, , eight] = levels;
    expect(one!.decode.memoryMs).toBeCloseTo((50e6 + CACHE_BYTES) / 10e6, 9);
    expect(one!.decode.computeMs).toBeCloseTo(TOKEN / 100e6, 9);
    expect(one!.decode).toMatchObject({ bound: "memory", limitMs: one!.decode.memoryMs, measuredMs: 10 });
    expect(one!.decode.share).toBeCloseTo(one!.decode.memoryMs / 10, 9);
    expect(eight!.decode).toMatchObject({ bound: "compute", limitMs: eight!.decode.computeMs });
    // 5 ms by memory, 1 ms for each sequence by compute.
    expect(computeBoundFrom).toBe(5);
  });

  it("have a prompt's limit, with logits for its last token alone, and its share where nothing else waits", () => {
    const [one, two] = rooflineOf().levels;
    const products = 16 * (100e6 - 2e6) + 2e6 + STEP.attentionMultiplyAdds * 16 * 8;
    expect(one!.prefill).toMatchObject({
      bytes: 50e6,
      multiplyAdds: products,
      bound: "compute",
      measuredMs: 50,
    });
    expect(one!.prefill!.share).toBeCloseTo(products / 100e6 / 50, 9);
    expect(two!.prefill).toMatchObject({ measuredMs: null, share: null });
    // In two inferences the weights are read twice.
    const scheduler = { maxNumBatchedTokens: 8, maxNumSeqs: 256 } as TargetFacts["scheduler"];
    expect(rooflineOf({ scheduler }).levels[0]!.prefill!.bytes).toBe(100e6);
  });

  it("count of a mixture the experts that work on a token, and of many tokens those that are likely to be needed", () => {
    const step = { ...STEP, expertBytes: 40e6, expertMultiplyAdds: 80e6, activeExpertShare: 1 / 4 };
    const [one, two] = rooflineOf({ files: filesWith({ step }) }).levels;
    expect(one!.decode.bytes).toBe(50e6 + 10e6 + CACHE_BYTES);
    expect(one!.decode.multiplyAdds).toBe(TOKEN + 20e6);
    expect(two!.decode.bytes).toBeCloseTo(50e6 + 40e6 * (1 - (3 / 4) ** 2) + 2 * CACHE_BYTES, 3);
    expect(two!.decode.multiplyAdds).toBe(2 * (TOKEN + 20e6));
  });

  it("look back at the window alone, and have one sequence in a pipeline of one", () => {
    const [, two] = rooflineOf({ files: filesWith({ step: { ...STEP, slidingWindow: 4 } }) }).levels;
    expect(two!.decode.bytes).toBe(50e6 + 2 * 4 * 128);
    expect(rooflineOf({ engine: "pipeline" }).levels.map(({ sequences }) => sequences)).toEqual([1, 1, 1]);
  });

  it("take the rate of the precision that ran, under the limit of the instruction set", () => {
    const ran = (inference: Partial<typeof INFERENCE>) =>
      rooflineOf({ inference: { ...INFERENCE, ...inference } }).peak?.multiplyAddsPerSecond;
    expect(ran({ isDynamicallyQuantized: true })).toBe(200e9);
    expect(ran({ activationTypes: ["u8"] })).toBe(200e9);
    expect(ran({ inForce: { ...INFERENCE.inForce, inferencePrecision: "f32" } })).toBe(20e9);
    const data = dataWith({});
    const limited = {
      ...data.plan,
      targets: data.plan.targets.map((one) => ({ ...one, isa: "AVX512_CORE_BF16" as const })),
    };
    expect(summarize({ ...data, plan: limited }).rooflines[0]?.peak).toMatchObject({
      instructions: "avx512_core_bf16",
      multiplyAddsPerSecond: 40e9,
    });
  });

  it.each<[Partial<TargetFacts>, Parameters<typeof dataOf>[0], string]>([
    [{ engine: "http" }, {}, "what a server's machine can do"],
    [{ device: "GPU" }, {}, "only the CPU is measured"],
    [{}, { requestRate: 5 }, "at a rate of requests"],
    [{ limits: { message: "No memory." } }, {}, "No memory."],
    [{ inference: null }, {}, "--no-kernels"],
    [{ inference: { ok: false, message: "Too little memory." } }, {}, "Too little memory."],
    [{ files: filesWith({ step: null }) }, {}, "a format that is not known"],
    [{ files: filesWith({ step: { ...STEP, activeExpertShare: null } }) }, {}, "how many experts"],
    [{ files: filesWith({ isMoe: true }) }, {}, "how many experts"],
    [{ files: filesWith({ step: { ...STEP, cacheElements: null } }) }, {}, "sizes of its key-value cache"],
    [{ inference: { ...INFERENCE, inForce: { ...INFERENCE.inForce, kvCachePrecision: "q77" } } }, {}, "q77"],
    [
      { inference: { ...INFERENCE, inForce: { ...INFERENCE.inForce, inferencePrecision: "f16" } } },
      {},
      "No rate|no rate",
    ],
  ])("say of %j with %j that they are not known, without a figure", (facts, options, message) => {
    const found = rooflineOf(facts, options);
    expect(found.unknown).toMatch(new RegExp(`^Not known.*(?:${message})`));
    expect(found).toMatchObject({ bandwidth: null, peak: null, levels: [], computeBoundFrom: null });
    expect(rooflineLines(found)).toEqual([found.unknown]);
  });

  it("have no limits where nobody measured them", () => {
    const { limits: _limits, ...facts } = withRoofline();
    const data = dataOf({ levels: [1], repeats: 1 }, { targets: [facts] });
    expect(summarize(data).rooflines[0]?.unknown).toMatch(
      /^Not known: the machine's limits were not measured/,
    );
  });

  it("name the kernels that take the time where a share is below 60 %, and none above", () => {
    const [one, two, eight] = rooflineOf().levels;
    expect(one!.slow).toEqual([
      "decode, 50 % of the limit; profiled with 1 token: FullyConnected gemv 90.0 %, Attention ref_any 10.0 %",
      "prefill, 31 % of the limit; profiled with 16 tokens: FullyConnected brgemm 100.0 %",
    ]);
    expect(two!.slow).toHaveLength(1);
    // 8 sequences are nearer to those of the profile of many.
    expect(eight!.slow).toEqual([]);
    expect(rooflineOf({}, {}, 20).levels[2]!.slow).toEqual([
      "decode, 40 % of the limit; profiled with 8 tokens: FullyConnected brgemm_8 100.0 %",
    ]);
  });
});

it("is no setting that two benchmarks differ in", () => {
  const before = dataWith({ files: filesWith({ step: null }), limits: { message: "No memory." } });
  expect(settingDifferences(before, dataWith(), [{ a: "model", b: "model" }])).toEqual([]);
});

describe("the reports", () => {
  const summary = summarize(dataWith());
  const [roofline] = summary.rooflines;

  it("have a row for each level, and say where compute begins to bind", () => {
    const [head, ...rows] = rooflineTable(roofline!.levels);
    expect(rows.map((row) => [row[0], row[5], row[7]])).toEqual([
      ["1", "memory", "50.0 %"],
      ["2", "memory", "50.0 %"],
      ["8", "compute", "80.2 %"],
    ]);
    for (const row of rows) expect(row).toHaveLength(head!.length);
    expect(rooflineLines(roofline!)[0]).toBe(
      "limits: 10.0 GB/s (2 threads), 100.0 G multiply-adds/s in bf16 (AMX); " +
        "a decoding step is bound by memory up to 4 sequences, by compute from 5 on",
    );
    expect(rooflineShares(roofline!.levels)).toEqual([
      "decode, of the limit: 50.0 % at 1 (memory), 50.0 % at 2 (memory), 80.2 % at 8 (compute)",
    ]);
  });

  it("all have it: text, terminal, page with a picture", async () => {
    const text = markdownReport(summary);
    expect(text).toMatch(/## Roofline\n\n.*\n\n### model\n\n- limits: 10\.0 GB\/s/);
    expect(text).toContain("| multiply-adds, bf16 | AMX | 100.0 G |");
    expect(summaryLines(summary, PLAIN).join("\n")).toContain("80.2 % at 8 (compute)");
    const page = await htmlReport(dataWith());
    const section = /<section[^>]*id="roofline"[^]*?<\/section>/.exec(page)?.[0] ?? "";
    expect(section).toContain("by compute from 5 on");
    expect(section.match(/<figure>/g)).toHaveLength(1);
    expect(section).toContain("limit by compute");
    expect(section).toContain("profiled with 1 token: FullyConnected gemv");
  });

  it("say of a server's target why there is nothing, and have no picture", async () => {
    const data = dataOf({ levels: [1], repeats: 1 }, { targets: [factsOf("model", { engine: "http" })] });
    const page = await htmlReport(data);
    const section = /<section[^>]*id="roofline"[^]*?<\/section>/.exec(page)?.[0] ?? "";
    expect(section).toContain("Not known: what a server");
    expect(section).not.toContain("<figure>");
  });
});

function filesWith(fields: Partial<NonNullable<TargetFacts["files"]>>): TargetFacts["files"] {
  const { files } = withRoofline();
  return files === null ? null : { ...files, ...fields };
}
