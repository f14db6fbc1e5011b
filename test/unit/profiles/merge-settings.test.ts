import { describe, expect, it } from "vitest";
import { mergeSettings, type AskedSettings } from "../../../lib/profiles/merge-settings.js";
import type { ProfileSettings } from "../../../lib/profiles/profile.js";
import { PROFILE } from "../../helpers/profile.js";

const BATCHING: AskedSettings = {
  pipeline: "ContinuousBatchingPipeline",
  scheduler: undefined,
  promptLookup: undefined,
  speculation: "none",
};
const PIPELINE: AskedSettings = { ...BATCHING, pipeline: "LLMPipeline" };

function merged(asked: Partial<AskedSettings>, settings: Partial<ProfileSettings> = {}, base = BATCHING) {
  const profile = { ...PROFILE, settings: { ...PROFILE.settings, ...settings } };
  return mergeSettings({ file: "/p.json", profile }, { ...base, ...asked });
}

describe("a profile's settings", () => {
  it("hold where the load says nothing", () => {
    expect(merged({})).toEqual({
      scheduler: PROFILE.settings.scheduler,
      speculation: "none",
      taken: { scheduler: PROFILE.settings.scheduler, promptLookup: false },
      warnings: [],
    });
  });

  it("give way to the load's, one by one", () => {
    const scheduler = { maxNumSeqs: 8, cacheSizeGb: 1, dynamicSplitFuse: undefined };
    expect(merged({ scheduler })).toMatchObject({
      scheduler: { maxNumBatchedTokens: 512, maxNumSeqs: 8, dynamicSplitFuse: false, cacheSizeGb: 1 },
      taken: { scheduler: { maxNumBatchedTokens: 512, dynamicSplitFuse: false } },
    });
    expect(merged({ scheduler }).taken.scheduler).not.toHaveProperty("maxNumSeqs");
  });

  it("bring prompt lookup, unless the load speaks of it or has a draft model", () => {
    const settings = { scheduler: {}, promptLookup: true };
    expect(merged({}, settings)).toMatchObject({
      speculation: "prompt-lookup",
      taken: { promptLookup: true },
    });
    expect(merged({ promptLookup: false }, settings)).toMatchObject({
      speculation: "none",
      taken: { promptLookup: false },
    });
    expect(merged({ speculation: "draft" }, settings)).toMatchObject({
      speculation: "draft",
      taken: { promptLookup: false },
    });
  });

  it.each<[string, Partial<AskedSettings>, Partial<ProfileSettings>, RegExp]>([
    ["more requests than a step has tokens", { scheduler: { maxNumSeqs: 1000 } }, {}, /maxNumSeqs/],
    ["a limited step beside a draft model", { speculation: "draft" }, {}, /maxNumBatchedTokens/],
    [
      "prompt lookup beside a bounded cache",
      { scheduler: { numKvBlocks: 8 } },
      { scheduler: {}, promptLookup: true },
      /numKvBlocks/,
    ],
  ])("are left out where they contradict the load's: %s", (_, asked, settings, reason) => {
    const { warnings, ...left } = merged(asked, settings);
    expect(left).toEqual({
      scheduler: asked.scheduler,
      speculation: asked.speculation ?? "none",
      taken: { scheduler: {}, promptLookup: false },
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(reason);
    expect(warnings[0]).toContain("/p.json");
  });

  it("hold in the other class as far as it has them, which is reported", () => {
    const { taken, warnings } = merged({}, {}, PIPELINE);
    expect(taken).toEqual({ scheduler: {}, promptLookup: false });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/measured with ContinuousBatchingPipeline, and LLMPipeline/);
    const own = merged(
      {},
      { pipeline: "LLMPipeline", scheduler: undefined, promptLookup: true } as never,
      PIPELINE,
    );
    expect(own).toMatchObject({ speculation: "prompt-lookup", warnings: [] });
  });
});
