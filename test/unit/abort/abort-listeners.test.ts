import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { addAbortListener, removeAbortListener } from "../../../lib/abort/abort-listeners.js";

const listenersOf = ({ signal }: AbortController): number => getEventListeners(signal, "abort").length;

test("a signal has one listener, however many calls it was given to", () => {
  const controller = new AbortController();
  const called: number[] = [];
  for (let i = 0; i < 100; i++) addAbortListener(controller.signal, () => called.push(i));
  expect(listenersOf(controller)).toBe(1);
  controller.abort();
  expect(called).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(listenersOf(controller)).toBe(0);
});

test("it goes with the last call, and comes again with the next", () => {
  const controller = new AbortController();
  const called: string[] = [];
  const [first, second] = [() => called.push("first"), () => called.push("second")];
  addAbortListener(controller.signal, first);
  addAbortListener(controller.signal, second);
  removeAbortListener(controller.signal, first);
  expect(listenersOf(controller)).toBe(1);
  removeAbortListener(controller.signal, second);
  removeAbortListener(controller.signal, second);
  expect(listenersOf(controller)).toBe(0);
  addAbortListener(controller.signal, second);
  controller.abort();
  expect(called).toEqual(["second"]);
});

test("a listener that another one takes away is not called", () => {
  const controller = new AbortController();
  const called: string[] = [];
  const last = (): void => void called.push("last");
  addAbortListener(controller.signal, () => removeAbortListener(controller.signal, last));
  addAbortListener(controller.signal, last);
  controller.abort();
  expect(called).toEqual([]);
});

test("signals are apart, and none is no signal", () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const called: string[] = [];
  addAbortListener(one.signal, () => called.push("one"));
  addAbortListener(other.signal, () => called.push("other"));
  addAbortListener(undefined, () => called.push("none"));
  removeAbortListener(undefined, () => {});
  other.abort();
  expect(called).toEqual(["other"]);
});
