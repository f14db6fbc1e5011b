import { describe, expect, it } from "vitest";
import { recommend, type RankedFormat } from "../../../lib/tune/formats/recommend.js";
import { prepareCommand, weightFormats } from "../../../lib/tune/formats/weight-formats.js";

describe("weight formats", () => {
  it("are FP16, INT8 by rows, static INT8 with SmoothQuant, and INT4 in groups and by rows, symmetric and not", () => {
    expect(weightFormats(false, undefined).map(({ id }) => id)).toEqual([
      "fp16",
      "int8",
      "int8-sym",
      "static-int8",
      ...["g32", "g64", "g128", "rows"].flatMap((group) => [`int4-${group}`, `int4-${group}-sym`]),
    ]);
    expect(weightFormats(true, undefined)[1]).toEqual({ id: "as-it-is", options: null });
  });

  it("always have FP16 among them, and only the names that there are", () => {
    expect(weightFormats(false, ["int8"]).map(({ id }) => id)).toEqual(["fp16", "int8"]);
    expect(() => weightFormats(false, ["int8", "int3"])).toThrow(/int4-g32.*options\.formats\[1\]/);
  });

  it("are made by commands that can be pasted", () => {
    const [, , , staticInt8, , , , , , , , rows] = weightFormats(false, undefined, "my text.txt");
    expect(staticInt8 && prepareCommand("owner/name", staticInt8)).toBe(
      "npx openvino-llm models prepare owner/name --quant-mode int8 --dataset 'my text.txt' " +
        "--smooth-quant-alpha 0.7",
    );
    expect(rows && prepareCommand("./it's", rows)).toBe(
      "npx openvino-llm models prepare './it'\\''s' --weight-format int4 --group-size -1 --ratio 1 --sym",
    );
    expect(prepareCommand("a.gguf", { id: "as-it-is", options: null })).toBeNull();
  });
});

function format(id: string, speed: number, greedyAgreement: number, isGood = true): RankedFormat {
  const noise = [0.01, -0.01, 0.005, -0.005];
  return {
    id,
    logScores: noise.map((value, round) => Math.log(speed) + value * (id.charCodeAt(0) % 3) + round * 0.1),
    quality: { perplexity: 20, referencePerplexity: 20, greedyAgreement, tokens: 400 },
    isGood,
  };
}

describe("the recommendation", () => {
  it("is the fastest whose answers are good enough, with the ratio to each of the others", () => {
    const found = recommend([format("a", 1, 1), format("b", 2, 0.9), format("c", 3, 0.5, false)]);
    expect(found?.id).toBe("b");
    expect(found?.beside.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(found?.beside[0]?.ratio.ratio).toBeCloseTo(2, 1);
    expect(found?.beside[0]?.ratio.low).toBeGreaterThan(1.9);
  });

  it("is the better in quality of those that are alike in speed, though the rounds differ by more", () => {
    expect(recommend([format("a", 1, 0.99), format("b", 1.002, 0.9)])?.id).toBe("a");
    expect(recommend([format("a", 1, 0.99), format("b", 1.1, 0.9)])?.id).toBe("b");
  });

  it("is none where no answers are good enough", () => {
    expect(recommend([format("a", 1, 0.5, false)])).toBeNull();
  });
});
