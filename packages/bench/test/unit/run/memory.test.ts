import { expect, it } from "vitest";
import { groupsThatFit } from "../../../lib/run/memory.js";
import { planBench } from "../../../lib/plan/plan.js";

it("keeps targets together that fit, and loads the others one after the other", async () => {
  const { targets } = planBench(["nowhere"], { isaCompare: ["AVX2"] });
  expect(await groupsThatFit(targets, 1e9)).toEqual([targets]);
  expect(await groupsThatFit(targets, 1e6)).toEqual(targets.map((target) => [target]));
  expect(await groupsThatFit(targets.slice(0, 1), 0)).toEqual([targets.slice(0, 1)]);
});
