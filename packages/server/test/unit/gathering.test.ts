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
  let isOver = false;
  const first = gathering.join().then(() => (isOver = true));
  let turns = 0;
  while (!isOver) {
    turns += 1;
    void gathering.join();
    await turn();
  }
  await first;
  expect(turns).toBeGreaterThan(2);
  expect(turns).toBeLessThan(100);
});
