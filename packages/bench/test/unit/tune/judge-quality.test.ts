import { describe, expect, it } from "vitest";
import { DEFAULT_QUALITY_LIMITS, judgeQuality, qualityOf } from "../../../lib/tune/judge-quality.js";
import type { AnswerQuality } from "../../../lib/tune/search/tune-engine.js";

function quality(perplexity: number, greedyAgreement: number): AnswerQuality {
  return { perplexity, referencePerplexity: 20, greedyAgreement, tokens: 400 };
}

function failureOf(candidate: AnswerQuality, defaults: AnswerQuality = quality(20, 0.98)): string | null {
  return judgeQuality(candidate, defaults, DEFAULT_QUALITY_LIMITS).failure;
}

describe("qualityOf", () => {
  it("takes perplexities from mean losses and counts equal tokens", () => {
    const found = qualityOf(
      { losses: [Math.log(4), Math.log(16)], greedyIds: [1, 2, 3, 4] },
      { losses: [Math.log(4), Math.log(4)], greedyIds: [1, 2, 3, 9] },
    );
    expect(found.perplexity).toBeCloseTo(8, 9);
    expect(found.referencePerplexity).toBeCloseTo(4, 9);
    expect(found).toMatchObject({ greedyAgreement: 0.75, tokens: 4 });
  });
});

describe("judgeQuality", () => {
  it("lets pass what is within the limits", () => {
    expect(failureOf(quality(20.3, 0.95))).toBeNull();
  });

  it("names the perplexity, and what is allowed", () => {
    expect(failureOf(quality(20.5, 0.99))).toBe(
      "Perplexity 20.5 beside 20.0 in exact arithmetic, and at most 20.4 is allowed.",
    );
  });

  it("names the share of tokens, and what is asked for", () => {
    expect(failureOf(quality(20, 0.9))).toBe(
      "90.0 % of 400 greedy tokens are those of exact arithmetic, and at least 95.0 % is asked for.",
    );
  });

  it("names both", () => {
    expect(failureOf(quality(900, 0.01))).toMatch(/^Perplexity 900 .*; 1.00 % of 400 .*\.$/);
  });

  it("does not ask for more than the defaults give, within two standard errors", () => {
    const weak = quality(25, 0.6);
    expect(failureOf(quality(25.2, 0.56), weak)).toBeNull();
    expect(failureOf(quality(25.4, 0.6), weak)).toMatch(/at most 25\.3/);
    expect(failureOf(quality(25, 0.54), weak)).toMatch(/at least 55\.1 %/);
  });

  it("lets nothing pass that is no number", () => {
    expect(failureOf(quality(Number.NaN, 0.99))).toMatch(/^Perplexity NaN/);
  });

  it("lets the defaults themselves pass: all else is judged by them", () => {
    expect(judgeQuality(quality(900, 0.1), null, DEFAULT_QUALITY_LIMITS).failure).toBeNull();
  });
});
