/** Methods of texts, as Python has them. */
import { flagArgument, integerArgument, take, textArgument } from "./arguments.js";
import { isAll } from "./character-classes.js";
import { isSpace, linesOf, strip, strippedRange, wordsOf } from "./spaces.js";
import { failed } from "../template-error.js";
import {
  charactersOf,
  Func,
  iterate,
  lengthOfText,
  Sequence,
  tuple,
  type NamedArguments,
  type Value,
} from "./values.js";
import type { Work } from "../work.js";

type Method = (text: string, args: readonly Value[], named: NamedArguments, work: Work) => Value;

/** A method of a text; undefined for a name that it does not have. */
export function stringMethod(text: string, name: string, work: Work): Func | undefined {
  const method = METHODS.get(name);
  if (method === undefined) return undefined;
  return new Func(name, (args, named) => {
    work.read(text.length);
    const result = method(text, args, named, work);
    return typeof result === "string" ? work.made(result) : result;
  });
}

/** Python has no names for most of these parameters. */
function given(
  name: string,
  count: number,
  args: readonly Value[],
  named: NamedArguments,
): (Value | undefined)[] {
  const names = Array.from({ length: count }, (_, i) => `argument ${i + 1}`);
  return take(name, names, args, named);
}

function plain(name: string, make: (text: string) => Value): [string, Method] {
  return [
    name,
    (text, args, named) => {
      given(name, 0, args, named);
      return make(text);
    },
  ];
}

function stripping(name: string, sides: { left?: boolean; right?: boolean }): [string, Method] {
  return [name, (text, args, named) => stripOf(text, given(name, 1, args, named)[0], sides)];
}

/** Without the spaces, or those characters, at its ends. */
export function stripOf(
  text: string,
  characters: Value | undefined,
  sides: { left?: boolean; right?: boolean } = {},
): string {
  if (characters === undefined || characters === null) return strip(text, sides);
  const set = textArgument("what is stripped", characters);
  return text.slice(...strippedRange(text, (unit) => set.includes(unit), sides));
}

function affix(name: string, has: (text: string, affix: string) => boolean): [string, Method] {
  return [
    name,
    (text, args, named) => {
      const [sought = null, from, to] = given(name, 3, args, named);
      const part = partOf(text, from, to);
      const all = sought instanceof Sequence ? sought.items : [sought];
      return all.some((one) => has(part, textArgument(`what ${name}() looks for`, one)));
    },
  ];
}

/** The part between two places, which count from the end where they are negative. */
function partOf(text: string, from: Value | undefined, to: Value | undefined): string {
  if ((from ?? null) === null && (to ?? null) === null) return text;
  const end = to === undefined || to === null ? undefined : integerArgument("the end", to);
  return charactersOf(text)
    .slice(integerArgument("the start", from ?? undefined, 0), end)
    .join("");
}

function finding(name: string, isLast: boolean, throws: boolean): [string, Method] {
  return [
    name,
    (text, args, named) => {
      const [sought, from, to] = given(name, 3, args, named);
      const begin = integerArgument("the start", from, 0);
      const before = charactersOf(text).slice(0, begin).join("").length;
      const part = partOf(text, begin, to);
      const what = textArgument(`what ${name}() looks for`, sought);
      const at = isLast ? part.lastIndexOf(what) : part.indexOf(what);
      if (at === -1 && throws) throw failed("a text is asked for the place of what it does not have");
      return at === -1 ? -1 : lengthOfText(text.slice(0, before + at));
    },
  ];
}

function splitting(name: string, fromEnd: boolean): [string, Method] {
  return [
    name,
    (text, args, named, work) => {
      const [separator, limit] = take(name, ["sep", "maxsplit"], args, named);
      const most = integerArgument("maxsplit", limit, -1);
      const parts = splitOf(text, separator, most < 0 ? Infinity : most, fromEnd);
      work.read(parts.length * 4);
      return parts;
    },
  ];
}

function splitOf(text: string, separator: Value | undefined, most: number, fromEnd: boolean): string[] {
  if (separator === undefined || separator === null) return splitWords(text, most, fromEnd);
  const between = textArgument("sep", separator);
  if (between === "") throw failed("a text is split at an empty one");
  const parts = text.split(between);
  const joined = Math.max(0, parts.length - 1 - most) + 1;
  if (joined === 1) return parts;
  if (fromEnd) return [parts.slice(0, joined).join(between), ...parts.slice(joined)];
  return [...parts.slice(0, -joined), parts.slice(-joined).join(between)];
}

function splitWords(text: string, most: number, fromEnd: boolean): string[] {
  const found = wordsOf(text);
  const words = found.map(({ word }) => word);
  if (words.length <= most) return words;
  if (!fromEnd)
    return [...words.slice(0, most), strip(text.slice(found[most]?.begin ?? 0), { right: false })];
  const last = found.at(-most - 1);
  const rest = text.slice(0, (last?.begin ?? 0) + (last?.word.length ?? 0));
  return [strip(rest, { right: false }), ...(most === 0 ? [] : words.slice(-most))];
}

function partitioning(name: string, isLast: boolean): [string, Method] {
  return [
    name,
    (text, args, named) => {
      const between = textArgument("the separator", given(name, 1, args, named)[0]);
      if (between === "") throw failed("a text is split at an empty one");
      const at = isLast ? text.lastIndexOf(between) : text.indexOf(between);
      if (at === -1) return tuple(isLast ? ["", "", text] : [text, "", ""]);
      return tuple([text.slice(0, at), between, text.slice(at + between.length)]);
    },
  ];
}

function justifying(name: string, place: (missing: number, width: number) => number): [string, Method] {
  return [
    name,
    (text, args, named, work) => {
      const [wide, filler] = given(name, 2, args, named);
      const width = integerArgument("the width", wide);
      const missing = Math.max(0, width - lengthOfText(text));
      work.read(missing);
      const fill = textArgument("what fills", filler, " ");
      const left = place(missing, width);
      return fill.repeat(left) + text + fill.repeat(missing - left);
    },
  ];
}

/** Where a text that is centred stands. */
export function leftOfCentred(missing: number, width: number): number {
  return Math.floor(missing / 2) + (missing & width & 1);
}

export function capitalized(text: string): string {
  const [first = "", ...rest] = charactersOf(text);
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** With `count` replacements at most. */
export function replaced(text: string, old: string, by: string, count: number, work: Work): string {
  const parts = old === "" ? ["", ...charactersOf(text), ""] : text.split(old);
  const times = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1);
  work.read(text.length + times * by.length);
  return parts.reduce((made, part, i) => (i === 0 ? part : made + (i <= times ? by : old) + part), "");
}

const METHODS: ReadonlyMap<string, Method> = new Map([
  plain("upper", (text) => text.toUpperCase()),
  plain("lower", (text) => text.toLowerCase()),
  plain("casefold", (text) => text.toLowerCase()),
  plain("capitalize", capitalized),
  plain("title", (text) => text.replaceAll(/\p{L}+/gu, (word) => capitalized(word))),
  plain("swapcase", (text) =>
    Array.from(text, (sign) => (sign === sign.toUpperCase() ? sign.toLowerCase() : sign.toUpperCase())).join(
      "",
    ),
  ),
  plain("isspace", (text) => text !== "" && [...text].every(isSpace)),
  plain("isdigit", (text) => isAll(text, "digit")),
  plain("isdecimal", (text) => isAll(text, "decimal")),
  plain("isnumeric", (text) => isAll(text, "numeric")),
  plain("isalpha", (text) => isAll(text, "letter")),
  plain("isalnum", (text) => isAll(text, "letterOrNumber")),
  plain("islower", (text) => text === text.toLowerCase() && text !== text.toUpperCase()),
  plain("isupper", (text) => text === text.toUpperCase() && text !== text.toLowerCase()),
  plain("isascii", (text) => /^[\0-\x7f]*$/.test(text)),
  plain("isidentifier", (text) => /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u.test(text)),
  stripping("strip", {}),
  stripping("lstrip", { right: false }),
  stripping("rstrip", { left: false }),
  affix("startswith", (text, prefix) => text.startsWith(prefix)),
  affix("endswith", (text, suffix) => text.endsWith(suffix)),
  finding("find", false, false),
  finding("rfind", true, false),
  finding("index", false, true),
  finding("rindex", true, true),
  splitting("split", false),
  splitting("rsplit", true),
  partitioning("partition", false),
  partitioning("rpartition", true),
  justifying("ljust", () => 0),
  justifying("rjust", (missing) => missing),
  justifying("center", leftOfCentred),
  [
    "zfill",
    (text, args, named, work) => {
      const width = integerArgument("the width", given("zfill", 1, args, named)[0]);
      const missing = Math.max(0, width - lengthOfText(text));
      work.read(missing);
      const sign = /^[-+]/.exec(text)?.[0] ?? "";
      return sign + "0".repeat(missing) + text.slice(sign.length);
    },
  ],
  [
    "splitlines",
    (text, args, named) => {
      const [keep] = take("splitlines", ["keepends"], args, named);
      return linesOf(text, flagArgument(keep));
    },
  ],
  [
    "replace",
    (text, args, named, work) => {
      const [old, by, count] = take("replace", ["old", "new", "count"], args, named);
      const [from, to] = [textArgument("what is replaced", old), textArgument("what replaces", by)];
      return replaced(text, from, to, integerArgument("count", count, -1), work);
    },
  ],
  [
    "count",
    (text, args, named) => {
      const [sought, from, to] = given("count", 3, args, named);
      const what = textArgument("what is counted", sought);
      const part = partOf(text, from, to);
      return what === "" ? lengthOfText(part) + 1 : part.split(what).length - 1;
    },
  ],
  [
    "join",
    (text, args, named, work) => {
      const parts = iterate(given("join", 1, args, named)[0] ?? null).map((part) => {
        const one = textArgument("what is joined", part);
        work.read(one.length + text.length);
        return one;
      });
      return parts.join(text);
    },
  ],
  [
    "removeprefix",
    (text, args, named) => {
      const prefix = textArgument("the prefix", given("removeprefix", 1, args, named)[0]);
      return text.startsWith(prefix) ? text.slice(prefix.length) : text;
    },
  ],
  [
    "removesuffix",
    (text, args, named) => {
      const suffix = textArgument("the suffix", given("removesuffix", 1, args, named)[0]);
      return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
    },
  ],
]);
