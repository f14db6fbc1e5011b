import { expect, it, vi } from "vitest";
import { EventQueue } from "../../lib/generation/event-queue.js";

it("gives events in order, those that came before they were asked for and those after", async () => {
  const queue = new EventQueue<number>(() => undefined);
  queue.push(1);
  queue.push(2);
  const taken = [await queue.next(), await queue.next()];
  const third = queue.next();
  queue.push(3);
  taken.push(await third);
  queue.end();
  taken.push(await queue.next(), await queue.next());
  expect(taken.map(({ value }) => value)).toEqual([1, 2, 3, undefined, undefined]);
  expect(taken.map(({ done }) => done)).toEqual([false, false, false, true, true]);
});

it("gives an error once, behind the events before it", async () => {
  const queue = new EventQueue<number>(() => undefined);
  queue.push(1);
  queue.end(new Error("broken"));
  expect(await queue.next()).toEqual({ done: false, value: 1 });
  await expect(queue.next()).rejects.toThrow("broken");
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});

it("notifies the producers when its consumer leaves, and drops what was not taken", async () => {
  const leave = vi.fn<() => void>();
  const queue = new EventQueue<number>(leave);
  queue.push(1);
  await queue.return();
  expect(leave).toHaveBeenCalledOnce();
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});
