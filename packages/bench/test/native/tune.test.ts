import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ProcessEngine } from "../../lib/tune/process-engine.js";
import { DEFAULT_QUALITY_LIMITS } from "../../lib/tune/judge-quality.js";
import { changed, DEFAULT_SETTINGS } from "../../lib/tune/search/settings.js";
import type { TuneReport } from "../../lib/tune/tune-model.js";
import { formatsMarkdown } from "../../lib/tune/formats/formats-markdown.js";
import type { TuneFormatsEvent } from "../../lib/tune/formats/formats-report.js";
import type { ModelTools } from "../../lib/tune/formats/model-tools.js";
import { tuneFormats } from "../../lib/tune/formats/tune-formats.js";
import { evaluateText } from "../../../../lib/doctor/evaluate-text.js";
import { ALPHABET, chainModel, temporaryFolder } from "../../../../test/helpers/chain.js";
import { AbortError } from "openvino-llm";
import { BenchCommand, outcomeOf } from "../helpers/bench-command.js";

const TINY = "--levels 1,2 --input-len 8 --output-len 8 --seed 1".split(" ");
const LOAD = { levels: [1, 2], inputLength: 8, outputLength: 8, seed: 1 };

let chain: string;
let bench: BenchCommand;
beforeAll(async () => {
  chain = await chainModel({ text: ALPHABET, loop: true });
  bench = new BenchCommand();
});

describe("tune", () => {
  test("measures, reports every candidate, and writes what was proven", async () => {
    const report = join(temporaryFolder(), "report");
    const args = [...TINY, "--budget", "60s", "--report", `${report}.md`, "--report", `${report}.json`];
    const { code, stdout, stderr } = await bench.run("tune", chain, ...args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const found = JSON.parse(readFileSync(`${report}.json`, "utf8")) as TuneReport;
    expect(found).toMatchObject({ schema: 1, options: { levels: [1, 2], budgetMs: 60_000, seed: 1 } });
    const [defaults, ...others] = found.candidates;
    expect(defaults).toMatchObject({ id: "defaults", quality: { greedyAgreement: 1 } });
    expect(defaults?.levels.map(({ concurrency }) => concurrency)).toEqual([1, 2]);
    expect(others.length).toBeGreaterThan(5);
    const chosen = found.candidates.filter(({ left }) => left === null);
    expect(chosen.map(({ id }) => id)).toEqual([found.chosen.id]);
    expect(found.profile === null).toBe(found.chosen.id === "defaults");
    expect(found.evidence?.low ?? 2).toBeGreaterThan(1);
    const text = readFileSync(`${report}.md`, "utf8");
    expect(stdout.startsWith(text)).toBe(true);
    expect(stdout).toMatch(/^(Profile: |No profile: )/m);
    expect(stderr).toMatch(/^arithmetic: /m);
    if (found.profile !== null) {
      const file = /^Profile: (.*)$/m.exec(stdout)?.[1] ?? "";
      expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject(found.profile);
    }
  });

  test("prints what is proven at Ctrl-C, as JSON where that is asked for", async () => {
    const child = bench.start("tune", chain, ...TINY, "--budget", "1h", "--json");
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      if (stderr.includes("arithmetic: ")) child.kill("SIGINT");
    });
    const { code, stdout } = await outcomeOf(child);
    expect(code).toBe(130);
    const report = JSON.parse(stdout) as TuneReport;
    expect(report).toMatchObject({ end: "interrupted", chosen: { id: "defaults" }, profile: null });
    expect(report.candidates[0]?.levels).toHaveLength(2);
  });

  test("reports wrong usage and a model that is not there before anything is measured", async () => {
    const wrong = await bench.run("tune", chain, "--levels", "0");
    expect([wrong.code, wrong.stdout]).toEqual([2, ""]);
    expect(wrong.stderr).toContain("--levels[0]");
    const missing = await bench.run("tune", "no-such-model");
    expect([missing.code, missing.stdout]).toEqual([1, ""]);
    expect(missing.stderr).toContain("ERR_MODEL_NOT_FOUND");
  });
});

describe("the processes of a search", () => {
  test("measure full figures from shorter answers, and take turns where memory holds one", async () => {
    const engine = await ProcessEngine.create({ model: chain, load: LOAD, limits: DEFAULT_QUALITY_LIMITS });
    try {
      const pipeline = changed(DEFAULT_SETTINGS, { engine: "pipeline" });
      for (const settings of [DEFAULT_SETTINGS, pipeline]) {
        const sample = await engine.measure(settings, { concurrency: 2, outputLength: 4, promptSet: 0 });
        expect(sample).toMatchObject({ concurrency: 2, requests: 2, goodRequests: 2 });
        expect(sample.e2elMs).toBeCloseTo(sample.ttftMs + 7 * sample.tpotMs, 3);
        expect(sample.outputTokensPerSecond).toBeGreaterThan(0);
      }
    } finally {
      await engine.close();
    }
  });

  test("report with its code what load() refuses, and go on", async () => {
    const engine = await ProcessEngine.create({ model: chain, load: LOAD, limits: DEFAULT_QUALITY_LIMITS });
    try {
      const refused = changed(DEFAULT_SETTINGS, { properties: { KV_CACHE_PRECISION: "u4" } });
      const run = { concurrency: 1, outputLength: 8, promptSet: 0 };
      await expect(engine.measure(refused, run)).rejects.toMatchObject({
        name: "CandidateRefusal",
        code: "ERR_ENGINE_FAULT",
      });
      await expect(engine.quality(refused)).rejects.toMatchObject({ code: "ERR_ENGINE_FAULT" });
      expect((await engine.measure(DEFAULT_SETTINGS, run)).requests).toBe(1);
    } finally {
      await engine.close();
    }
  });

  test("find out that answers are worse, where they truly are", async () => {
    // Another model answers in its place: nothing that load() takes makes this one answer so badly.
    const backwards = await chainModel({ text: Array.from(ALPHABET).toReversed().join(""), loop: true });
    const bad = changed(DEFAULT_SETTINGS, { properties: { INFERENCE_PRECISION_HINT: "f32" } });
    const engine = await ProcessEngine.create({
      model: chain,
      load: LOAD,
      limits: DEFAULT_QUALITY_LIMITS,
      evaluate: (model, text, options) => {
        const { INFERENCE_PRECISION_HINT: hint, KV_CACHE_PRECISION: cache } = options.properties ?? {};
        return evaluateText(hint === "f32" && cache === undefined ? backwards : model, text, options);
      },
    });
    try {
      const defaults = await engine.quality(DEFAULT_SETTINGS);
      expect(defaults.failure).toBeNull();
      const { failure, quality } = await engine.quality(bad);
      expect(quality.greedyAgreement).toBeLessThan(0.95);
      expect(failure).toMatch(/greedy tokens are those of exact arithmetic/);
    } finally {
      await engine.close();
    }
  });
});

describe("tuning over formats", () => {
  test("makes, tunes and judges each, goes on where one cannot be made, and recommends one that answers well", async () => {
    const backwards = await chainModel({ text: Array.from(ALPHABET).toReversed().join(""), loop: true });
    const made: string[] = [];
    const tools: ModelTools = {
      prepareModel: (source, { name, ...options }) => {
        made.push(name);
        if (options.quantMode !== undefined) return Promise.reject(new Error("No calibration."));
        if (options.sym === true) return Promise.resolve({ dir: leaving, isNew: true });
        return Promise.resolve({ dir: options.weightFormat === "int4" ? backwards : source, isNew: true });
      },
    };
    const events: TuneFormatsEvent[] = [];
    const formats = ["int8", "int8-sym", "static-int8", "int4-g32"];
    const leaving = join(temporaryFolder(), "leaving");
    cpSync(chain, leaving, { recursive: true });
    const options = {
      levels: [1],
      inputLength: 8,
      outputLength: 8,
      budgetMs: 5_000,
      formats,
      formatLimits: { maxPerplexityRatio: undefined },
    };
    const onEvent = (event: TuneFormatsEvent) => {
      events.push(event);
      if (event.type === "round") rmSync(leaving, { recursive: true, force: true });
    };
    const report = await tuneFormats(chain, options, { tools, onEvent });
    expect(made.map((name) => name.replace(/^.*-tune-/, ""))).toEqual([
      "fp16",
      "int8",
      "int8-sym",
      "static-int8",
      "int4-g32",
    ]);
    const byId = new Map(report.formats.map((format) => [format.id, format]));
    expect([...byId.keys()].toSorted()).toEqual(["fp16", "int4-g32", "int8", "int8-sym", "static-int8"]);
    expect(byId.get("int8-sym")).toMatchObject({ path: null, tuning: null, samples: [] });
    expect(byId.get("int8-sym")?.failure).toContain(leaving);
    expect(report.formatLimits).toEqual({ maxPerplexityRatio: 1.1, minGreedyAgreement: 0.8 });
    expect(byId.get("static-int8")).toMatchObject({ failure: "No calibration.", tuning: null });
    expect(byId.get("int4-g32")?.qualityFailure).toMatch(/greedy tokens/);
    expect(byId.get("fp16")).toMatchObject({ failure: null, qualityFailure: null });
    expect(["fp16", "int8"]).toContain(report.recommendation?.id);
    expect(report.recommendation?.beside.map(({ id }) => id)).toHaveLength(2);
    expect(byId.get("int8")?.samples.length).toBeGreaterThanOrEqual(3);
    expect(byId.get("int8")?.bandwidthShare).toBeGreaterThan(0);
    expect(report.readBytesPerSecond).toBeGreaterThan(1e8);
    expect(events.filter(({ type }) => type === "format-failed")).toHaveLength(2);
    const text = formatsMarkdown(report);
    expect(text).toMatch(/^\| static-int8 \| – .* \| No calibration\. \|$/m);
    expect(text).toMatch(/^npx openvino-llm models prepare .* --weight-format (?:fp16|int8)$/m);
  });

  test("has five minutes for each format where no budget is given", async () => {
    const aborted = new AbortError("The models are not wanted.", undefined, undefined);
    const tools: ModelTools = { prepareModel: () => Promise.reject(aborted) };
    const report = await tuneFormats(chain, { formats: ["int8", "int4-g32"] }, { tools });
    expect(report).toMatchObject({ isInterrupted: true, options: { budgetMs: 900_000 }, formats: [] });
  });
});
