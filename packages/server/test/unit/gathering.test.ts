import { expect, it } from "vitest";
import { Gathering } from "../../lib/models/gathering.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("lets calls of one turn, and of turns that follow without a gap, begin together", async () => {
  const gathering = new Gathering();
  const begun: string[] = [];
  const join = (name: string): void => void gathering.join().then(() => begun.push(name));
  join("first");
  join("second");
  await turn();
  expect(begun).toEqual([]);
  join("a turn later");
  await turn();
  expect(begun).toEqual([]);
  await turn();
  expect(begun).toEqual(["first", "second", "a turn later"]);
});

it("begins anew after that, and does not wait for ever where each turn brings another call", async () => {
  const gathering = new Gathering();
  await gathering.join();
  const begun: number[] = [];
  void gathering.join().then(() => begun.push(0));
  for (let turns = 1; turns <= 100; turns++) {
    await turn();
    if (begun.length > 0) break;
    void gathering.join().then(() => begun.push(turns));
  }
  expect(begun[0]).toBe(0);
  expect(begun.length).toBeGreaterThan(2);
  expect(begun.length).toBeLessThan(100);
});
