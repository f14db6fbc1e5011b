import { describe, expect, it } from "vitest";
import { AS_IT_IS, composer } from "../../../lib/prompt/composing.js";

describe("composing", () => {
  it("composes characters and sorts their marks, as Unicode has it", () => {
    const compose = composer([]);
    expect(compose("e\u0301 A\u030a")).toBe("é Å");
    expect(compose("q\u0307\u0323")).toBe("q\u0323\u0307");
    expect(compose("\u0627\u0651\u064e")).toBe("\u0627\u064e\u0651");
    expect(AS_IT_IS("e\u0301")).toBe("e\u0301");
  });

  it("leaves the added tokens alone, of two that begin alike the longer one", () => {
    const compose = composer(["<|a|>", "<|a|>\u0338", "e\u0301", "(."]);
    expect(compose("<|a|>\u0338e\u0301o\u0308(.")).toBe("<|a|>\u0338e\u0301ö(.");
    expect(composer(["<|a|>"])("<|a|>\u0338e\u0301")).toBe("<|a|>\u0338é");
    expect(composer(["<"])("a<\u0338")).toBe("a<\u0338");
    expect(composer([])("a<\u0338")).toBe("a≮");
  });
});
