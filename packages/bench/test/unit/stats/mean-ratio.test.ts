import { describe, expect, it } from "vitest";
import { bootstrapMeanRatio, meanOfParts, type RepeatedSample } from "../../../lib/stats/mean-ratio.js";
import { seededRandom } from "../../../lib/stats/random.js";
import { bootstrapRatio, meanOf } from "../../../lib/stats/statistics.js";
import { fixture } from "../sample-data.js";

const scipy = fixture("statistics.json") as {
  bootstrap: { sample: number[]; other: number[]; ratioOfMeans: { low: number; high: number } };
};
const partOf = (value: number) => ({ sum: value, count: 1 });
const inOneRepeat = (values: readonly number[]): RepeatedSample => [values.map(partOf)];
const inOwnRepeats = (values: readonly number[]): RepeatedSample => values.map((value) => [partOf(value)]);

describe("meanOfParts", () => {
  it("is the mean of all values, not of the parts' means", () => {
    const sample = [[{ sum: 10, count: 1 }], [{ sum: 6, count: 3 }, partOf(4)]];
    expect(meanOfParts(sample)).toBe(4);
    expect(meanOfParts([])).toBeNaN();
  });
});

describe("bootstrapMeanRatio", () => {
  const { sample, other, ratioOfMeans } = scipy.bootstrap;

  it.each([
    ["one repeat", inOneRepeat],
    ["repeats of one part", inOwnRepeats],
  ])("of %s is SciPy's, but for the lots that were drawn", (_name, inRepeats) => {
    const interval = bootstrapMeanRatio(inRepeats(sample), inRepeats(other));
    const width = ratioOfMeans.high - ratioOfMeans.low;
    expect(interval.value).toBeCloseTo(meanOf(sample) / meanOf(other), 12);
    expect(Math.abs(interval.low - ratioOfMeans.low)).toBeLessThan(0.05 * width);
    expect(Math.abs(interval.high - ratioOfMeans.high)).toBeLessThan(0.05 * width);
  });

  it("is wider where the repeats differ from each other more than the values in them do", () => {
    const repeats = [10, 11, 12].map((mean) =>
      Array.from({ length: 50 }, (_, index) => partOf(mean + (index % 2) / 10)),
    );
    const values = repeats.flat().map(({ sum }) => sum);
    const plain = bootstrapRatio(values, values, meanOf, { resamples: 1000 });
    const staged = bootstrapMeanRatio(repeats, repeats, { resamples: 1000 });
    expect(staged.high - staged.low).toBeGreaterThan(3 * (plain.high - plain.low));
    // No resample is beyond the furthest repeats.
    expect(staged.low).toBeGreaterThan(10 / 12.1);
    expect(staged.high).toBeLessThan(12.1 / 10);
  });

  it("draws one repeat fewer than there are", () => {
    // Of 9 equally likely pairs one is 1, 1 and one is 4, 4: either is beyond the 10th percentile from its end.
    const { low, high } = bootstrapMeanRatio(inOwnRepeats([1, 2, 4]), inOneRepeat([1]), { confidence: 0.8 });
    expect([low, high]).toEqual([1, 4]);
  });

  it("holds the true ratio in about nine of ten cases where three repeats differ and their requests do not", () => {
    const random = seededRandom(1, "coverage");
    const draw = () => inOwnRepeats([1, 2, 3].map(() => 100 + random.gamma(4)));
    const held = Array.from({ length: 300 }, () =>
      bootstrapMeanRatio(draw(), draw(), { resamples: 200 }),
    ).filter(({ low, high }) => low <= 1 && 1 <= high).length;
    expect(held / 300).toBeGreaterThan(0.8);
    expect(held / 300).toBeLessThan(0.95);
  });

  it("keeps the values of a part together", () => {
    const together: RepeatedSample = [
      [
        { sum: 10, count: 10 },
        { sum: 20, count: 10 },
      ],
    ];
    const { low, high } = bootstrapMeanRatio(together, inOneRepeat([1]), { resamples: 500 });
    expect([low, high]).toEqual([1, 2]);
  });

  it("is fixed by its seed", () => {
    const at = (seed: number) =>
      bootstrapMeanRatio(inOneRepeat(sample), inOneRepeat(other), { seed, resamples: 200 });
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
  });
});
