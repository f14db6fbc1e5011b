import { expect, it } from "vitest";
import { durationText, rateText } from "../../../ui/lib/figures.js";
import { TokenTimes } from "../../../ui/lib/token-times.js";

it("knows nothing before the first token", () => {
  const { gapsMs, ttftMs, tokensPerSecond, longestGapMs } = new TokenTimes(5);
  expect({ gapsMs, ttftMs, tokensPerSecond, longestGapMs }).toEqual({
    gapsMs: [],
    ttftMs: null,
    tokensPerSecond: null,
    longestGapMs: null,
  });
});

it("counts tokens per second from the first token on", () => {
  const times = new TokenTimes(1000);
  times.add(1500);
  expect([times.ttftMs, times.tokensPerSecond, times.longestGapMs]).toEqual([500, null, null]);
  for (const nowMs of [1510, 1530, 1540]) times.add(nowMs);
  expect(times.gapsMs).toEqual([500, 10, 20, 10]);
  expect([times.tokensPerSecond, times.longestGapMs]).toEqual([75, 20]);
});

it("takes an event without a token back, and has no rate of tokens that came at once", () => {
  const times = new TokenTimes(0);
  for (const nowMs of [100, 110, 150]) times.add(nowMs);
  times.cut(2);
  expect([times.gapsMs, times.tokensPerSecond]).toEqual([[100, 10], 100]);
  times.cut(5);
  expect(times.gapsMs).toHaveLength(2);
  times.cut(1);
  times.add(100);
  expect(times.tokensPerSecond).toBeNull();
});

it("writes figures short", () => {
  expect([0, 8.26, 99.94, 412.3, 1620].map(durationText)).toEqual([
    "0.0 ms",
    "8.3 ms",
    "99.9 ms",
    "412 ms",
    "1.62 s",
  ]);
  expect([8.26, 99.94, 12_400.4].map(rateText)).toEqual(["8.3", "99.9", "12,400"]);
});
