import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { onAbort, throwIfAborted, untilAborted } from "../../../lib/abort/on-abort.js";
import { AbortError } from "../../../lib/errors/errors.js";

const listenersOf = ({ signal }: AbortController): number => getEventListeners(signal, "abort").length;

test("a signal has one listener, however many calls it was given to", () => {
  const controller = new AbortController();
  const called: number[] = [];
  for (let i = 0; i < 100; i++) onAbort(controller.signal, () => called.push(i));
  expect(listenersOf(controller)).toBe(1);
  controller.abort();
  expect(called).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(listenersOf(controller)).toBe(0);
});

test("it goes with the last call, and comes again with the next", () => {
  const controller = new AbortController();
  const called: string[] = [];
  const first = onAbort(controller.signal, () => called.push("first"));
  const second = onAbort(controller.signal, () => called.push("second"));
  first();
  expect(listenersOf(controller)).toBe(1);
  second();
  expect(listenersOf(controller)).toBe(0);
  onAbort(controller.signal, () => called.push("third"));
  second();
  controller.abort();
  expect(called).toEqual(["third"]);
});

test("a listener that another one takes away is not called", () => {
  const controller = new AbortController();
  const called: string[] = [];
  onAbort(controller.signal, () => last());
  const last = onAbort(controller.signal, () => called.push("last"));
  controller.abort();
  expect(called).toEqual([]);
});

test("signals are apart, and none is no signal", () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const called: string[] = [];
  onAbort(one.signal, () => called.push("one"));
  onAbort(other.signal, () => called.push("other"));
  onAbort(undefined, () => called.push("none"))();
  other.abort();
  expect(called).toEqual(["other"]);
});

test("a signal that is aborted already calls at once", () => {
  const called: string[] = [];
  onAbort(AbortSignal.abort(), () => called.push("now"));
  expect(called).toEqual(["now"]);
});

test("a promise is waited for until the abort, which wins where both are there", async () => {
  const controller = new AbortController();
  const never = new Promise<string>(() => {});
  expect(await untilAborted(Promise.resolve("value"), controller.signal, "It ended.")).toBe("value");
  expect(() => throwIfAborted(controller.signal, "It ended.")).not.toThrow();
  const waiting = untilAborted(never, controller.signal, "It ended.");
  controller.abort("a reason");
  const expected = { name: "AbortError", message: "It ended.", cause: "a reason" };
  await expect(waiting).rejects.toMatchObject(expected);
  await expect(untilAborted(Promise.resolve("value"), controller.signal, "It ended.")).rejects.toThrow(
    AbortError,
  );
  expect(() => throwIfAborted(controller.signal, "It ended.")).toThrow(AbortError);
  expect(listenersOf(controller)).toBe(0);
});
