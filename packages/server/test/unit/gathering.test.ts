import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Gathering } from "../../lib/models/gathering.js";

let nowMs: number;
let begun: string[];
const gathering = new Gathering();

beforeEach(() => {
  nowMs = 1000;
  begun = [];
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const join = (name: string): void => void gathering.join().then(() => begun.push(name));

/** Some turns of the event loop after so many milliseconds. */
async function after(ms: number): Promise<void> {
  nowMs += ms;
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

it("lets calls that follow each other within a millisecond begin together", async () => {
  join("first");
  join("second");
  await after(0.9);
  join("third");
  await after(0.9);
  expect(begun).toEqual([]);
  await after(0.1);
  expect(begun).toEqual(["first", "second", "third"]);
});

it("begins anew after that, and within ten milliseconds where more and more come", async () => {
  join("alone");
  await after(1);
  expect(begun).toEqual(["alone"]);
  for (let count = 0; begun.length === 1; count++) {
    join(`call ${count}`);
    await after(0.75);
  }
  expect(begun).toHaveLength(1 + Math.ceil(10 / 0.75));
});
