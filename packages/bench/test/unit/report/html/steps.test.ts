import { describe, expect, it } from "vitest";
import { condensedSteps, stepGroups, stepsOf } from "../../../../lib/report/html/steps.js";
import { requestOf } from "../../sample-data.js";

const first = requestOf({ index: 0, sentMs: 0, producedMs: [50, 60, 70] });
/** Its stamps since the start of the run: 50.05, 60 and 80. */
const second = requestOf({ index: 1, sentMs: 5, producedMs: [45.05, 55, 75] });

describe("stepsOf", () => {
  it("takes stamps of several requests that hardly differ as one step", () => {
    const steps = stepsOf({ requests: [first, second] });
    expect(steps.map(({ sequences, tokens, promptTokens }) => [sequences, tokens, promptTokens])).toEqual([
      [2, 2, 32],
      [2, 2, 0],
      [1, 1, 0],
      [1, 1, 0],
    ]);
    const times = [50.05, 9.95, 10, 10];
    for (const [index, ms] of times.entries()) expect(steps[index]?.stepMs).toBeCloseTo(ms);
  });

  it("does not count the time in which nothing was asked", () => {
    const late = requestOf({ index: 2, sentMs: 200, producedMs: [30] });
    expect(stepsOf({ requests: [first, late] }).at(-1)).toMatchObject({ atMs: 230, stepMs: 30 });
  });

  it("has several tokens of a request in a step only where they share a stamp", () => {
    const drafted = requestOf({ producedMs: [50, 50, 50.05] });
    expect(stepsOf({ requests: [drafted] }).map(({ sequences, tokens }) => [sequences, tokens])).toEqual([
      [1, 2],
      [1, 1],
    ]);
  });

  it("leaves failed requests out", () => {
    expect(stepsOf({ requests: [requestOf({ error: "broken" })] })).toEqual([]);
  });
});

describe("stepGroups", () => {
  it("groups steps that only generate by their batch", () => {
    const groups = stepGroups(stepsOf({ requests: [first, second] }));
    expect(groups.map(({ sequences, steps }) => [sequences, steps.length])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });
});

describe("condensedSteps", () => {
  const steps = stepsOf({ requests: [first, second] });

  it("keeps the longest step, the largest batch and every prompt of a part of the time", () => {
    // Halves of 40 ms: the first one is empty.
    const [step, ...others] = condensedSteps(steps, 2);
    expect(others).toEqual([]);
    expect(step).toMatchObject({ atMs: 80, sequences: 2, tokens: 2, promptTokens: 32 });
    expect(step?.stepMs).toBeCloseTo(50.05);
  });

  it("leaves few steps as they are", () => {
    expect(condensedSteps(steps, 4)).toEqual(steps);
    expect(condensedSteps([], 4)).toEqual([]);
  });
});
