/** How the values of flags are read, and how the library's option names become flags again in its messages. */
import { InvalidArgumentError } from "commander";

/** A flag that can be given several times: its values in order. */
export function repeated<Value>(parse: (text: string) => Value): (text: string, before?: Value[]) => Value[] {
  return (text, before = []) => [...before, parse(text)];
}

/** @throws InvalidArgumentError */
export function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of "90s", "10m", "1.5h". */
export function duration(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS_MS[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new InvalidArgumentError("Expected a time above 0 such as 90s, 10m or 1h.");
  return ms;
}

/** @throws InvalidArgumentError */
export function number(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

/** `NAME=VALUE`. @throws InvalidArgumentError */
export function pair(text: string): [string, string] {
  const separator = text.indexOf("=");
  if (separator < 1) throw new InvalidArgumentError("Expected NAME=VALUE.");
  return [text.slice(0, separator), text.slice(separator + 1)];
}

/** A message of the library that speaks of `options.x`, in the flags' names. */
export function inFlags(message: string, flagNames: Readonly<Record<string, string>>): string {
  return message.replaceAll(/options\.(\w+)/g, (whole, name: string) => flagNames[name] ?? whole);
}
