import { expect, it } from "vitest";
import { affordableTokens } from "../../../lib/tune/search/affordable-tokens.js";

const SAMPLES = [
  { ttftMs: 100, tpotMs: 10 },
  { ttftMs: 300, tpotMs: 30 },
];

it("are as many as fit into the time with the prompts of all, 16 at least and no more than asked for", () => {
  expect(affordableTokens(SAMPLES, 2440, 128)).toBe(51);
  expect(affordableTokens(SAMPLES, 100_000, 128)).toBe(128);
  expect(affordableTokens(SAMPLES, 500, 128)).toBe(16);
  expect(affordableTokens(SAMPLES, 500, 8)).toBe(8);
});

it("are all where a time per token is not known", () => {
  expect(affordableTokens([{ ttftMs: 100, tpotMs: 0 }], 500, 1)).toBe(1);
  expect(affordableTokens([], 500, 32)).toBe(32);
});
