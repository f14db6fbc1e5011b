/** Checks of single option values, driven by data. They know types and ranges, and nothing of what an option means. */
import { invalidArgType, outOfRange } from "../errors/errors.js";

/** The types that options have inside GenAI. */
export type OptionKind =
  "size" | "int64" | "float" | "boolean" | "idSet" | "stringList" | "stopCriteria" | "choice";

/** The range of a number: both ends count unless they are named `above` or `below`. */
export interface OptionRange {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly below?: number;
  /** 0 is legal too, although it lies outside the rest of the range. */
  readonly orZero?: true;
  /** Only multiples of this are legal. */
  readonly multipleOf?: number;
}

/** What a value is checked against. */
export interface OptionCheck {
  readonly kind: OptionKind;
  readonly range?: OptionRange;
  /** The values that a "choice" can have. */
  readonly choices?: readonly string[];
}

const STOP_CRITERIA = ["early", "heuristic", "never"];

/** The largest token id that is taken where the vocabulary is not known. */
const MAX_TOKEN_ID = 2 ** 31 - 1;

/**
 * Checks one value.
 *
 * @returns the value itself; a frozen copy where it is an array, with each id or string once.
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function checkOptionValue(
  name: string,
  check: OptionCheck,
  value: unknown,
  vocabSize: number | null,
): unknown {
  switch (check.kind) {
    case "boolean":
      if (typeof value !== "boolean") throw invalidArgType(name, "a boolean", value);
      return value;
    case "size":
      return checkNumber(name, check.range ?? {}, value, true);
    case "float":
      return checkNumber(name, check.range ?? {}, value, false);
    case "int64":
      return checkTokenId(name, value, vocabSize);
    case "idSet":
      if (!Array.isArray(value)) throw invalidArgType(name, "an array of token ids", value);
      return uniqueItems(value, (item, index) => checkTokenId(`${name}[${index}]`, item, vocabSize));
    case "stringList":
      if (!Array.isArray(value)) throw invalidArgType(name, "an array of strings", value);
      return uniqueItems(value, (item, index) => checkName(`${name}[${index}]`, item));
    case "stopCriteria":
      return checkChoice(name, STOP_CRITERIA, value);
    case "choice":
      return checkChoice(name, check.choices ?? [], value);
  }
}

/** A token id: a non-negative integer inside the vocabulary. GenAI reads and writes beyond its buffers for any other. */
export function checkTokenId(name: string, value: unknown, vocabSize: number | null): number {
  const last = vocabSize === null ? MAX_TOKEN_ID : vocabSize - 1;
  const expected =
    vocabSize === null ? `a token id from 0 to ${last}` : `a token id of the vocabulary from 0 to ${last}`;
  if (typeof value !== "number" || !Number.isInteger(value)) throw invalidArgType(name, expected, value);
  if (value < 0 || value > last) throw outOfRange(name, expected, value);
  return value;
}

/** Text that can be written as UTF-8. Ill-formed text ends inside native code as an error or as a crash. */
export function checkWellFormed(name: string, text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw invalidArgType(name, "text without lone surrogates", text);
}

/** The entries of an options object; none for undefined. */
export function plainObjectEntries(name: string, value: unknown): [string, unknown][] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidArgType(name, "an object", value);
  }
  return Object.entries(value);
}

/** @throws TypeError for an option that is not one of `known` */
export function checkNames(options: object, known: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of plainObjectEntries("options", options)) {
    if (!Object.hasOwn(known, name)) throw unknownOption(`options.${name}`, name, value, known);
  }
}

/** @throws TypeError */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw invalidArgType(name, "a boolean", value);
  return value;
}

/** @throws TypeError */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgType("options.signal", "an AbortSignal", signal);
  }
}

/** @throws TypeError, RangeError */
export function checkExtraRoles(roles: unknown): readonly string[] {
  if (roles === undefined) return [];
  if (!Array.isArray(roles)) throw invalidArgType("options.extraRoles", "an array of roles", roles);
  return uniqueItems(roles, (role, index) => checkName(`options.extraRoles[${index}]`, role));
}

/** @throws TypeError */
export function checkDevice(device: unknown): void {
  if (device !== undefined && (typeof device !== "string" || device === "")) {
    throw invalidArgType("options.device", 'the name of a device such as "CPU"', device);
  }
}

/** The error for an option that does not exist, with the one that was probably meant. */
export function unknownOption(
  fullName: string,
  name: string,
  value: unknown,
  known: Readonly<Record<string, unknown>>,
  aliases: Readonly<Record<string, string>> = {},
): TypeError {
  const meant = nearestName(name, Object.keys(known), aliases);
  const advice =
    meant === undefined ? `Known are ${Object.keys(known).join(", ")}.` : `Did you mean ${meant}?`;
  return invalidArgType(fullName, "a known option", value, advice);
}

function checkChoice(name: string, choices: readonly string[], value: unknown): string {
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  const names = choices.map((choice) => JSON.stringify(choice));
  throw invalidArgType(name, `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`, value);
}

function checkNumber(name: string, range: OptionRange, value: unknown, integer: boolean): number {
  const expected = rangeText(range, integer);
  if (typeof value !== "number") throw invalidArgType(name, expected, value);
  if (Number.isNaN(value)) throw outOfRange(name, expected, value);
  // GenAI keeps a float: a value that rounds out of its range there is out of range here.
  const kept = integer ? value : Math.fround(value);
  if (integer && value % (range.multipleOf ?? 1) !== 0) throw outOfRange(name, expected, value);
  if (value === 0 && range.orZero) return 0;
  const inside =
    (range.min === undefined || kept >= range.min) &&
    (range.above === undefined || kept > range.above) &&
    (range.max === undefined || kept <= range.max) &&
    (range.below === undefined || kept < range.below);
  if (!inside) throw outOfRange(name, expected, value);
  // -0 becomes 0, so that it looks the same everywhere.
  return value + 0;
}

function rangeText(range: OptionRange, integer: boolean): string {
  const multiple = range.multipleOf === undefined ? "an integer" : `a multiple of ${range.multipleOf}`;
  const what = integer ? multiple : "a number";
  const low =
    range.min === undefined ? range.above !== undefined && `above ${range.above}` : `from ${range.min}`;
  const high =
    range.max === undefined ? range.below !== undefined && `below ${range.below}` : `to ${range.max}`;
  const text = [what, low, high].filter(Boolean).join(" ");
  return range.orZero ? `0, or ${text}` : text;
}

function checkName(name: string, value: unknown): string {
  if (typeof value !== "string") throw invalidArgType(name, "a string", value);
  if (value === "") throw outOfRange(name, "a string that is not empty", value);
  checkWellFormed(name, value);
  return value;
}

function uniqueItems<Item>(
  values: readonly unknown[],
  checkItem: (value: unknown, index: number) => Item,
): readonly Item[] {
  // Array.from visits the holes of a sparse array too.
  return Object.freeze([...new Set(Array.from(values, checkItem))]);
}

function nearestName(
  name: string,
  names: readonly string[],
  aliases: Readonly<Record<string, string>>,
): string | undefined {
  const bare = plain(name);
  if (Object.hasOwn(aliases, bare)) return aliases[bare];
  const [best] = names
    .map((candidate) => ({ candidate, distance: editDistance(bare, plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  // A third of the letters may be wrong, or an unrelated name would be proposed for every short key.
  return best !== undefined && best.distance <= Math.floor(bare.length / 3) ? best.candidate : undefined;
}

/** A name without what differs between the styles of spelling it. */
function plain(name: string): string {
  return name.replaceAll(/[_\-\s]/g, "").toLowerCase();
}

/** Levenshtein distance. Names are cut at 64 characters, so that a hostile key costs nothing. */
function editDistance(from: string, to: string): number {
  const a = from.slice(0, 64);
  let row = Array.from({ length: a.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...to].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= a.length; column++) {
      const diagonal = row[column - 1] ?? 0;
      const above = row[column] ?? 0;
      const left = next[column - 1] ?? 0;
      next.push(a[column - 1] === letter ? diagonal : 1 + Math.min(diagonal, above, left));
    }
    row = next;
  }
  return row[a.length] ?? 0;
}

/** @throws TypeError */
export function checkTemplate(name: string, template: unknown): asserts template is string {
  if (typeof template !== "string") throw invalidArgType(name, "a Jinja template as a string", template);
  checkWellFormed(name, template);
}
