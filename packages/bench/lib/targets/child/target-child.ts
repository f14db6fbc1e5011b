/**
 * The process of a target with a limited instruction set: oneDNN reads the limit once, when it is opened. Whole levels are
 * run here, with the same code as in the benchmark's own process, and their records go back as plain JSON.
 */
import { openInProcess, type GeneratorTarget } from "../open-target.js";
import { runLevel } from "../../measure/run-level.js";
import type { FromChild, ToChild } from "./messages.js";

let opened: GeneratorTarget | null = null;
let level = new AbortController();

function say(message: FromChild): void {
  process.send?.(message);
}

async function open({ target, options }: Extract<ToChild, { type: "open" }>): Promise<void> {
  opened = await openInProcess(target, options, undefined);
  say({ type: "opened", facts: opened.facts, model: opened.model });
}

async function run({ workload, progressEveryMs }: Extract<ToChild, { type: "level" }>): Promise<void> {
  level = new AbortController();
  if (opened === null) throw new Error("No target is open.");
  const options = { signal: level.signal, progressEveryMs };
  for await (const event of runLevel(opened.target, workload, options)) say({ type: "event", event });
  say({ type: "done" });
}

async function close(): Promise<void> {
  try {
    await opened?.close();
  } finally {
    // Here and not in the parent, which would wait for the end of the channel for ever.
    process.disconnect();
  }
}

function work(message: ToChild): Promise<void> {
  switch (message.type) {
    case "open":
      return open(message);
    case "level":
      return run(message);
    case "close":
      return close();
    case "abort":
      level.abort();
      return Promise.resolve();
  }
}

process.on("message", (message) => {
  work(message as ToChild).catch((error: unknown) => {
    const { name, message: text, code = null } = error as Error & { code?: string };
    say({ type: "failed", error: { name, code, message: text } });
  });
});
// Ctrl-C reaches every process of a terminal; the benchmark decides when this one ends.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
