import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { alphasOf, checkAdapters, refuseAdapters } from "../../../lib/options/adapters.js";

describe("a list of adapters", () => {
  it("has absolute paths, and alphas where they were given", () => {
    expect(
      checkAdapters("options.adapters", [{ path: "a.safetensors", alpha: -0.5 }, { path: "/b" }]),
    ).toEqual([
      { path: resolve("a.safetensors"), alpha: -0.5 },
      { path: "/b", alpha: undefined },
    ]);
    expect(checkAdapters("options.adapters", undefined)).toEqual([]);
    expect(checkAdapters("options.adapters", [])).toEqual([]);
  });

  it.each([
    [null, "an array of { path, alpha } for options.adapters but received null"],
    ["/a", "an array"],
    [{ path: "/a" }, "an array"],
    [["/a"], 'an object for options.adapters[0] but received "/a"'],
    // eslint-disable-next-line no-sparse-arrays
    [[, { path: "/a" }], "{ path, alpha } for options.adapters[0] but received undefined"],
    [[{}], "the path of a LoRA adapter for options.adapters[0].path but received undefined"],
    [[{ path: "/a" }, { path: 7 }], "options.adapters[1].path"],
    [[{ path: "/\ud800" }], "without lone surrogates for options.adapters[0].path"],
    [[{ path: "/a", alpha: "1" }], "a number for options.adapters[0].alpha"],
    [[{ path: "/a", alpha: null }], "a number for options.adapters[0].alpha but received null"],
    [[{ path: "/a", alph: 1 }], "Did you mean alpha?"],
    [[{ path: "/a", weight: 1 }], "Known are path, alpha"],
  ])("that is %j is a TypeError", (value, message) => {
    expect(() => checkAdapters("options.adapters", value)).toThrow(TypeError);
    expect(() => checkAdapters("options.adapters", value)).toThrow(message);
  });

  it.each([
    [[{ path: "" }], "options.adapters[0].path"],
    [[{ path: "/a\0b" }], "options.adapters[0].path"],
    [[{ path: "/a", alpha: NaN }], "a finite number for options.adapters[0].alpha but received NaN"],
    [[{ path: "/a", alpha: Infinity }], "a finite number"],
    // Beyond the largest float, which is what GenAI keeps.
    [[{ path: "/a", alpha: 1e39 }], "a finite number"],
    [[{ path: "/a" }, { path: "/b/../a" }], "not in the list yet for options.adapters[1].path"],
  ])("that is %j is a RangeError", (value, message) => {
    expect(() => checkAdapters("options.adapters", value)).toThrow(RangeError);
    expect(() => checkAdapters("options.adapters", value)).toThrow(message);
  });
});

describe("the alphas of a call", () => {
  const loaded = [
    { path: "/a", alpha: 2 },
    { path: "/b", alpha: 0.5 },
  ];

  it("are those of the load where it says nothing", () => {
    expect(alphasOf("options.adapters", undefined, loaded)).toEqual([2, 0.5]);
    expect(alphasOf("options.adapters", undefined, [])).toEqual([]);
  });

  it("are 0 for what it leaves out", () => {
    expect(alphasOf("options.adapters", [], loaded)).toEqual([0, 0]);
    expect(alphasOf("options.adapters", [{ path: "/b" }], loaded)).toEqual([0, 0.5]);
  });

  it("stand in the order of the load, whatever the order of the call", () => {
    const chosen = [{ path: "/b", alpha: 3 }, { path: "/x/../a" }];
    expect(alphasOf("options.adapters", chosen, loaded)).toEqual([2, 3]);
  });

  it("are refused for an adapter that was not loaded, which names those that were", () => {
    const ask = () => alphasOf("options.adapters", [{ path: "/a" }, { path: "/c" }], loaded);
    expect(ask).toThrow(RangeError);
    expect(ask).toThrow('(/a, /b) for options.adapters[1].path but received "/c"');
    expect(() => alphasOf("options.adapters", [{ path: "/c" }], [])).toThrow("(none)");
  });
});

it("a pipeline whose adapters are fixed takes none in a call, not even an empty list", () => {
  expect(() => refuseAdapters("options.adapters", undefined)).not.toThrow();
  expect(() => refuseAdapters("options.adapters", [])).toThrow(TypeError);
  expect(() => refuseAdapters("options.adapters", [{ path: "/a" }])).toThrow("load() fixes them there");
});
