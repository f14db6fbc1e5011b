import { expect, test } from "vitest";
import { Meter } from "../../../lib/hub/meter.js";

test("the speed is that of the last seconds, and shows how long the rest takes", () => {
  let nowMs = 0;
  const meter = new Meter(() => nowMs);
  expect(meter.rate(0, 1000)).toEqual({ bytesPerSecond: 0, secondsLeft: null });
  nowMs = 1000;
  expect(meter.rate(100, 1000)).toEqual({ bytesPerSecond: 100, secondsLeft: 9 });
  for (; nowMs < 20_000; nowMs += 1000) meter.rate(100, 1000);
  expect(meter.rate(100, 1000)).toEqual({ bytesPerSecond: 0, secondsLeft: null });
  nowMs += 1000;
  expect(meter.rate(700, 1000)).toMatchObject({ bytesPerSecond: 100, secondsLeft: 3 });
});

test("a file that begins anew takes its bytes away, and is no negative speed", () => {
  let nowMs = 0;
  const meter = new Meter(() => nowMs);
  meter.rate(0, 1000);
  nowMs = 1000;
  meter.rate(500, 1000);
  nowMs = 2000;
  expect(meter.rate(0, 1000)).toEqual({ bytesPerSecond: 0, secondsLeft: null });
  nowMs = 3000;
  expect(meter.rate(200, 1000)).toEqual({ bytesPerSecond: 200, secondsLeft: 4 });
});
