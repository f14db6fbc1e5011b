/** Filters that make a text of a text. */
import { flagArgument, integerArgument, take, textArgument } from "../python/arguments.js";
import { formatPercent } from "../python/format.js";
import { jsonText } from "../python/json-text.js";
import { linesOf, wordsOf } from "../python/spaces.js";
import { capitalized, leftOfCentred, replaced, stripOf } from "../python/string-methods.js";
import { textOf } from "../python/text.js";
import { failed } from "../template-error.js";
import { Dict, itemsIn, lengthOfText, tuple, type Value } from "../python/values.js";
import type { Filter } from "./runtime.js";

/** `cost` of a character, where it is more than a look. */
function onText(name: string, make: (text: string) => Value, cost = 1): readonly [string, Filter] {
  return [
    name,
    (value, args, named, { work }) => {
      take(name, [], args, named);
      const text = textOf(value, work);
      work.read(text.length * cost);
      return make(text);
    },
  ];
}

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
};
const escapeHtml = (text: string): string => text.replaceAll(/[&<>'"]/g, (sign) => HTML[sign] ?? sign);

const indent: Filter = (value, args, named, { work }) => {
  const [width, first, blank] = take("indent", ["width", "first", "blank"], args, named);
  const text = textOf(value, work);
  const deep = typeof width === "string" ? width : " ".repeat(bounded(integerArgument("width", width, 4)));
  const lines = linesOf(`${text}\n`);
  work.read(text.length + lines.length * (deep.length + 1));
  const isBlank = flagArgument(blank);
  const [head = "", ...others] = lines;
  const indented = others.map((line) => (line === "" && !isBlank ? line : deep + line));
  return (flagArgument(first) ? deep : "") + [head, ...indented].join("\n");
};

/** Wider than any prompt. */
const MAX_WIDTH = 10_000;

function bounded(width: number): number {
  if (width <= MAX_WIDTH) return Math.max(0, width);
  throw failed(`a width of ${width} is asked for`);
}

const replace: Filter = (value, args, named, { work }) => {
  const [old, by, count] = take("replace", ["old", "new", "count"], args, named);
  const text = textOf(value, work);
  const [from, to] = [textOf(old ?? null, work), textOf(by ?? null, work)];
  return replaced(text, from, to, count === null ? -1 : integerArgument("count", count, -1), work);
};

const tojson: Filter = (value, args, named, { work }) => {
  const names = ["ensure_ascii", "indent", "separators", "sort_keys"];
  const [ascii, wide, separators = null, sort] = take("tojson", names, args, named);
  const deep = wide === undefined || wide === null ? null : indentOf(wide);
  const given = separators === null ? null : itemsIn(separators);
  const [item, key] = given?.map((text) => textArgument("a separator", text)) ?? [];
  const style = {
    indent: deep,
    itemSeparator: item ?? (deep === null ? ", " : ","),
    keySeparator: key ?? ": ",
    asciiOnly: flagArgument(ascii),
    sortKeys: flagArgument(sort),
  };
  return jsonText(value, style, work);
};

function indentOf(width: Value): string {
  return typeof width === "string" ? width : " ".repeat(bounded(integerArgument("indent", width)));
}

const truncate: Filter = (value, args, named, { work }) => {
  const names = ["length", "killwords", "end", "leeway"];
  const [size, kills, ending, leeway] = take("truncate", names, args, named);
  const text = textOf(value, work);
  const length = integerArgument("length", size, 255);
  const end = textArgument("end", ending, "...");
  if (lengthOfText(text) <= length + integerArgument("leeway", leeway ?? undefined, 5)) return text;
  const cut = Array.from(text)
    .slice(0, Math.max(0, length - lengthOfText(end)))
    .join("");
  if (flagArgument(kills)) return cut + end;
  const at = cut.lastIndexOf(" ");
  return (at === -1 ? cut : cut.slice(0, at)) + end;
};

/** How browsers write it in an address. */
function quoted(text: string, isPath: boolean): string {
  const all = encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => {
    return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return isPath ? all.replaceAll("%2F", "/") : all.replaceAll("%20", "+");
}

export const TEXT_FILTERS: readonly (readonly [string, Filter])[] = [
  onText("upper", (text) => text.toUpperCase()),
  onText("lower", (text) => text.toLowerCase()),
  onText("capitalize", capitalized),
  onText(
    "title",
    (text) =>
      text
        .split(/([-\s({[<]+)/)
        .map((part) => capitalized(part))
        .join(""),
    32,
  ),
  onText("string", (text) => text),
  onText("wordcount", (text) => wordsOf(text).length, 4),
  ...["e", "escape", "forceescape"].map((name) => onText(name, escapeHtml)),
  onText("safe", (text) => text),
  ["indent", indent],
  ["replace", replace],
  ["tojson", tojson],
  ["truncate", truncate],
  [
    "trim",
    (value, args, named, { work }) => {
      const text = textOf(value, work);
      work.read(text.length);
      return stripOf(text, take("trim", ["chars"], args, named)[0]);
    },
  ],
  [
    "center",
    (value, args, named, { work }) => {
      const width = bounded(integerArgument("width", take("center", ["width"], args, named)[0], 80));
      const text = textOf(value, work);
      const missing = Math.max(0, width - lengthOfText(text));
      const left = leftOfCentred(missing, width);
      return " ".repeat(left) + text + " ".repeat(missing - left);
    },
  ],
  [
    "format",
    (value, args, named, { work }) => {
      if (args.length > 0 && named.size > 0) throw failed("a format is given values with and without names");
      const values = named.size > 0 ? new Dict(named) : tuple(args);
      return formatPercent(textOf(value, work), values, work);
    },
  ],
  [
    "urlencode",
    (value, _args, _named, { work }) => {
      if (!(value instanceof Dict)) return quoted(textOf(value, work), true);
      const one = (part: Value): string => quoted(textOf(part, work), false);
      return Array.from(value, ([key, item]) => `${one(key)}=${one(item)}`).join("&");
    },
  ],
  [
    "join",
    (value, args, named, runtime) => {
      const { work } = runtime;
      const [between = "", attribute = null] = take("join", ["d", "attribute"], args, named);
      const items =
        attribute === null ? value : runtime.filter("map", value, [], new Map([["attribute", attribute]]));
      const separator = textOf(between, work);
      const texts = (itemsIn(items) ?? notJoined()).map((item) => {
        const text = textOf(item, work);
        work.read(text.length + separator.length);
        return text;
      });
      return texts.join(separator);
    },
  ],
];

function notJoined(): never {
  throw failed("something is joined that has no items");
}
