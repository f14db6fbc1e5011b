import { describe, expect, it } from "vitest";
import { search } from "../../../lib/tune/search/search.js";
import { changed } from "../../../lib/tune/search/settings.js";
import { tuneMarkdown } from "../../../lib/tune/tune-markdown.js";
import type { TuneReport } from "../../../lib/tune/tune-model.js";
import { resolveTuneOptions } from "../../../lib/tune/tune-options.js";
import { profileOfSearch } from "../../../lib/tune/tune-profile.js";
import { profileOf } from "../../../../../lib/profiles/read-profile.js";
import { PROFILE } from "../../../../../test/helpers/profile.js";
import { ENVIRONMENT } from "../sample-data.js";
import { ScriptedEngine } from "./scripted-engine.js";

const F32 = { INFERENCE_PRECISION_HINT: "f32" };
const OPTIONS = resolveTuneOptions({});
const { model, cpu, versions } = PROFILE;

/** A report of a search in which f32 is so many times as fast, and f16 is refused. */
async function reportOf(speed: number): Promise<TuneReport> {
  const engine = new ScriptedEngine({
    speed: ({ properties }) =>
      (properties["INFERENCE_PRECISION_HINT"] === "f32" ? speed : 1) *
      (properties["KV_CACHE_PRECISION"] === "f16" ? 1.2 : 1),
    refused: ({ properties }) => properties["INFERENCE_PRECISION_HINT"] === "f16",
    bad: ({ properties }) => properties["KV_CACHE_PRECISION"] === "f16",
    noise: 0.01,
    seed: 1,
  });
  const stage = {
    name: "arithmetic",
    candidates: () =>
      [F32, { INFERENCE_PRECISION_HINT: "f16" }, { KV_CACHE_PRECISION: "f16", ...F32 }].map((properties) =>
        changed({ engine: "batching", properties: {}, scheduler: {}, promptLookup: false }, { properties }),
      ),
  };
  const { objective, levels, outputLength, budgetMs } = OPTIONS;
  const result = await search(engine, [stage], { objective, levels, outputLength, budgetMs }, 1);
  return {
    schema: 1,
    created: ENVIRONMENT.date,
    model,
    options: OPTIONS,
    environment: ENVIRONMENT,
    processes: 2,
    leftOut: ["Something is not tried."],
    ...result,
    profile: profileOfSearch(result, OPTIONS, { model, cpu, versions }, ENVIRONMENT.date),
  };
}

describe("the profile of a search", () => {
  it("has settings, load and evidence, and is one that load() takes", async () => {
    const { profile, evidence } = await reportOf(1.3);
    expect(profileOf(JSON.parse(JSON.stringify(profile)), "it")).toEqual(profile);
    expect(profile).toMatchObject({
      model,
      cpu,
      versions,
      load: { inputLen: 128, outputLen: 128, levels: [1, 8], slo: { ttftMs: 3000, tpotMs: 100 } },
      objective: "latency",
      settings: { pipeline: "ContinuousBatchingPipeline", properties: F32 },
      evidence: {
        ratio: { value: evidence?.ratio, low: evidence?.low, high: evidence?.high },
        levels: [{ concurrency: 1 }, { concurrency: 8 }],
        quality: {
          perplexity: 20.1,
          referencePerplexity: 20,
          greedyAgreementPercent: 99,
          tokensCompared: 512,
        },
      },
      created: ENVIRONMENT.date,
    });
    expect(evidence?.low).toBeGreaterThan(1.2);
  });

  it("is none where the defaults were chosen", async () => {
    expect((await reportOf(0.7)).profile).toBeNull();
  });
});

describe("the report", () => {
  it("says what was chosen and by how much, and of every candidate figures, quality and outcome", async () => {
    const text = tuneMarkdown(await reportOf(1.3));
    expect(text).toMatch(
      /^\*\*INFERENCE_PRECISION_HINT f32\*\*: 1\.\d{3} \(1\.\d{3} to 1\.\d{3}\) times as good/m,
    );
    expect(text).toMatch(/^\| 8 \| 1\.\d{3} \(.*\) \| 0\.7\d{2} \(.*\) \| 0\.7\d{2} \(.*\) \|$/m);
    expect(text).toMatch(/^\| defaults \| defaults \| [\d.]+ .* \| slower \|$/m);
    expect(text).toMatch(
      /INFERENCE_PRECISION_HINT f16 \| – \| .* \| refused \(ERR_ENGINE_FAULT\): .*process\. \|$/m,
    );
    expect(text).toMatch(/KV_CACHE_PRECISION f16 \| .* \| 900 \| 10\.0 % \| quality: Perplexity 900/);
    expect(text).toContain("Something is not tried.");
  });

  it("says that the defaults stay", async () => {
    expect(tuneMarkdown(await reportOf(0.7))).toContain("**The defaults**: nothing was shown to be better.");
  });
});
