/** What the texts of flags stand for. */
import { validateHeaderName, validateHeaderValue } from "node:http";

import { InvalidArgumentError } from "commander";

import { integer, number, pair, type IsaLimit } from "openvino-llm/internal";
import type { ServiceLevels } from "../measure/metrics.js";

/** `Name: value`. */
export function header(text: string): [string, string] {
  const [, name, value] = /^([^\s:]+):\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Expected 'Name: value'.");
  }
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw new InvalidArgumentError("Expected the name and value of an HTTP header.");
  }
  return [name, value];
}

/** `max-queue=512` or `--max-queue=512`. */
export function serverFlag(text: string): string {
  return text.startsWith("--") ? text : `--${text}`;
}

/** Names are checked with the other options. */
export function isaLimits(text: string): IsaLimit[] {
  return text.split(",").map((name) => name.trim().toUpperCase() as IsaLimit);
}

/** Integers, by commas. */
export function integers(text: string): number[] {
  return text.split(",").map((part) => integer(part.trim()));
}

/** A value as JSON reads it, else as text: `64`, `true`, `u8`. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A number, or "inf". */
export function rate(text: string): number {
  return text === "inf" ? Infinity : number(text);
}

const LEVEL_NAMES = new Map([
  ["ttft", "ttftMs"],
  ["tpot", "tpotMs"],
  ["e2el", "e2elMs"],
]);

/** As `ttft=3000,tpot=100`, in milliseconds. */
export function serviceLevels(text: string): ServiceLevels {
  const entries = text.split(",").map((part) => {
    const [name, value] = pair(part);
    const level = LEVEL_NAMES.get(name.trim());
    if (level === undefined) throw new InvalidArgumentError("Expected ttft, tpot or e2el.");
    return [level, number(value)] as const;
  });
  return Object.fromEntries(entries);
}
