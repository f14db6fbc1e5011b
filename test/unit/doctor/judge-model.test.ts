import { describe, expect, it } from "vitest";
import { bestOf, compareLogits, relativeErrorOf } from "../../../lib/doctor/compare-logits.js";
import { judgeModel } from "../../../lib/doctor/judge-model.js";

const VOCABULARY = 16;

/** Rows with one token that stands out, another one in each. */
function rows(count: number, chosen: (row: number) => number): Float32Array {
  const logits = new Float32Array(count * VOCABULARY);
  for (let row = 0; row < count; row++) logits[row * VOCABULARY + chosen(row)] = 10;
  return logits;
}

describe("compareLogits", () => {
  const reference = rows(10, (row) => row);

  it("of the same logits finds no difference", () => {
    expect(compareLogits(reference, reference, VOCABULARY)).toEqual({
      relativeError: 0,
      isFinite: true,
      rows: 10,
      sameRows: 10,
      clearRows: 10,
      agreeingRows: 10,
    });
  });

  it("counts rows in which another token is the best", () => {
    const others = rows(10, (row) => (row < 3 ? row + 1 : row));
    expect(compareLogits(others, reference, VOCABULARY)).toMatchObject({ clearRows: 10, agreeingRows: 7 });
  });

  it("leaves out rows in which the reference has no clear best token", () => {
    const tie = rows(2, () => 0);
    tie[1] = 9.9; // of the first row
    expect(compareLogits(tie, tie, VOCABULARY)).toMatchObject({ rows: 2, sameRows: 2, clearRows: 1 });
  });

  it.each([Number.NaN, Infinity])("%d is not finite", (value) => {
    const broken = reference.slice();
    broken[5] = value;
    expect(compareLogits(broken, reference, VOCABULARY)).toMatchObject({
      isFinite: false,
      relativeError: Infinity,
    });
  });

  it("has an error relative to the reference", () => {
    expect(relativeErrorOf(Float32Array.of(3, 4), Float32Array.of(0, 5))).toBeCloseTo(Math.sqrt(10 / 25));
    expect(bestOf(Float32Array.of(-3, -1, -2))).toEqual({ best: 1, margin: 1 });
  });
});

describe("judgeModel", () => {
  const right = {
    relativeError: 0.01,
    isFinite: true,
    rows: 88,
    sameRows: 87,
    clearRows: 50,
    agreeingRows: 50,
  };

  it("right", () => {
    expect(judgeModel(null, right)).toEqual({
      ok: true,
      verdict: "right",
      message:
        "It answers as in f32: 87 of 88 greedy tokens are the same, 50 of the 50 that are no near tie; the logits differ by 1.0 %.",
      comparison: right,
    });
  });

  it.each([
    ["tokens that disagree", { ...right, agreeingRows: 39 }],
    ["logits far off, of a model with few clear tokens", { ...right, clearRows: 3, relativeError: 1.2 }],
    ["logits that are not finite", { ...right, isFinite: false, relativeError: Infinity }],
  ])("wrong: %s", (_, comparison) => {
    expect(judgeModel(null, comparison)).toMatchObject({ ok: false, verdict: "wrong" });
  });

  it("few clear tokens say nothing", () => {
    expect(judgeModel(null, { ...right, clearRows: 7, agreeingRows: 4 })).toMatchObject({ ok: true });
  });

  it("a signal is a crash, a message a failure", () => {
    expect(judgeModel({ signal: "SIGFPE", message: "" }, null)).toMatchObject({
      ok: false,
      verdict: "crashed",
      message: "It ends the process with SIGFPE.",
    });
    const refused = { signal: null, message: "Exception from src/a.cpp:1:\nexpect kvcache type bf16\n" };
    expect(judgeModel(refused, null)).toMatchObject({
      verdict: "failed",
      message: "It does not run: expect kvcache type bf16",
    });
    expect(judgeModel({ signal: "SIGKILL", message: "killed after 600 s" }, null)).toMatchObject({
      verdict: "failed",
    });
  });
});
