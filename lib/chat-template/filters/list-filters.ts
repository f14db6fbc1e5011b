/** Filters of lists, dictionaries and whatever else can be gone through. */
import { flagArgument, integerArgument, take } from "../python/arguments.js";
import { compare } from "../python/compare.js";
import { entriesOf } from "../python/container-methods.js";
import { failed } from "../template-error.js";
import {
  charactersOf,
  Dict,
  iterate,
  keyOf,
  lengthOf,
  lengthOfText,
  Stream,
  tuple,
  typeName,
  Undefined,
  type Key,
  type NamedArguments,
  type Value,
} from "../python/values.js";
import type { Work } from "../work.js";
import { attributeGetter } from "./attribute-getter.js";
import type { Filter } from "./runtime.js";
import { binary } from "../evaluation/operators.js";

function counted(value: Value, work: Work): readonly Value[] {
  const items = iterate(value);
  work.read(items.length);
  return items;
}

/** As it is compared: texts without their case. */
function comparable(value: Value, isCaseSensitive: boolean): Value {
  return typeof value === "string" && !isCaseSensitive ? value.toLowerCase() : value;
}

/** Items with the keys that they are sorted, grouped or distinguished by. */
function keyed(
  value: Value,
  attribute: Value,
  isCaseSensitive: boolean,
  work: Work,
): { readonly item: Value; readonly keys: readonly Value[] }[] {
  const names = typeof attribute === "string" ? attribute.split(",") : [attribute];
  const getters =
    attribute === null ? [(item: Value) => item] : names.map((name) => attributeGetter(name, work));
  return counted(value, work).map((item) => ({
    item,
    keys: getters.map((get) => comparable(get(item), isCaseSensitive)),
  }));
}

/** Sorting takes longer than its comparisons. */
const COST_OF_ORDER = 80;

function byKeys(a: readonly Value[], b: readonly Value[], work: Work): number {
  work.read(COST_OF_ORDER);
  for (const [i, key] of a.entries()) {
    const order = compare(key, b[i] ?? null, work);
    if (order !== 0) return order;
  }
  return 0;
}

const sort: Filter = (value, args, named, { work }) => {
  const [reverse, sensitive, attribute = null] = take(
    "sort",
    ["reverse", "case_sensitive", "attribute"],
    args,
    named,
  );
  const items = keyed(value, attribute, flagArgument(sensitive), work);
  const sign = flagArgument(reverse) ? -1 : 1;
  return items.sort((a, b) => sign * byKeys(a.keys, b.keys, work)).map(({ item }) => item);
};

function extreme(name: string, sign: 1 | -1): readonly [string, Filter] {
  return [
    name,
    (value, args, named, { work }) => {
      const [sensitive, attribute = null] = take(name, ["case_sensitive", "attribute"], args, named);
      const [first, ...others] = keyed(value, attribute, flagArgument(sensitive), work);
      if (first === undefined) return new Undefined("there is no item, as the sequence was empty");
      return others.reduce((best, one) => (sign * byKeys(one.keys, best.keys, work) > 0 ? one : best), first)
        .item;
    },
  ];
}

const unique: Filter = (value, args, named, { work }) => {
  const [sensitive, attribute = null] = take("unique", ["case_sensitive", "attribute"], args, named);
  const seen = new Set<Key>();
  const kept = keyed(value, attribute, flagArgument(sensitive), work).filter(({ keys: [key = null] }) => {
    const isNew = !seen.has(keyOf(key));
    seen.add(keyOf(key));
    return isNew;
  });
  return new Stream(() => kept.map(({ item }) => item));
};

const groupby: Filter = (value, args, named, { work }) => {
  const [attribute = null, otherwise, sensitive] = take(
    "groupby",
    ["attribute", "default", "case_sensitive"],
    args,
    named,
  );
  const isCaseSensitive = flagArgument(sensitive);
  const get = attributeGetter(attribute, work, otherwise);
  const items = counted(value, work).map((item) => ({ item, group: get(item) }));
  items.sort((a, b) =>
    compare(comparable(a.group, isCaseSensitive), comparable(b.group, isCaseSensitive), work),
  );
  const groups: { readonly group: Value; readonly items: Value[] }[] = [];
  for (const { item, group } of items) {
    const last = groups.at(-1);
    const [a, b] = [last?.group ?? null, group].map((one) => comparable(one, isCaseSensitive));
    if (last !== undefined && compare(a ?? null, b ?? null, work) === 0) last.items.push(item);
    else groups.push({ group, items: [item] });
  }
  return groups.map(({ group, items }) => tuple([group, items]));
};

const dictsort: Filter = (value, args, named, { work }) => {
  const [sensitive, by = "key", reverse] = take("dictsort", ["case_sensitive", "by", "reverse"], args, named);
  if (!(value instanceof Dict)) throw failed(`a '${typeName(value)}' is sorted as a dictionary`);
  if (by !== "key" && by !== "value") throw failed('dictsort() goes by "key" or "value"');
  const place = by === "key" ? 0 : 1;
  const sign = flagArgument(reverse) ? -1 : 1;
  const keyIn = (entry: readonly Value[]): Value => comparable(entry[place] ?? null, flagArgument(sensitive));
  return [...value].sort((a, b) => sign * compare(keyIn(a), keyIn(b), work)).map((entry) => tuple(entry));
};

const batch: Filter = (value, args, named, { work }) => {
  const [count, fill = null] = take("batch", ["linecount", "fill_with"], args, named);
  const size = integerArgument("linecount", count);
  if (size < 1) throw failed("a batch has no items");
  const items = counted(value, work);
  const rows: Value[][] = [];
  for (let i = 0; i < items.length; i += size) rows.push(items.slice(i, i + size));
  const last = rows.at(-1);
  if (fill !== null && last !== undefined) {
    work.read(size);
    while (last.length < size) last.push(fill);
  }
  return new Stream(() => rows);
};

const slice: Filter = (value, args, named, { work }) => {
  const [count, fill = null] = take("slice", ["slices", "fill_with"], args, named);
  const slices = integerArgument("slices", count);
  if (slices < 1) throw failed("a list is cut into no slices");
  const items = counted(value, work);
  work.read(slices);
  const size = Math.floor(items.length / slices);
  const longer = items.length % slices;
  let begin = 0;
  const rows = Array.from({ length: slices }, (_, i) => {
    const row = items.slice(begin, begin + size + (i < longer ? 1 : 0));
    begin += row.length;
    return fill !== null && i >= longer ? [...row, fill] : row;
  });
  return new Stream(() => rows);
};

const sum: Filter = (value, args, named, { work }) => {
  const [attribute = null, start = 0] = take("sum", ["attribute", "start"], args, named);
  const get = attribute === null ? (item: Value) => item : attributeGetter(attribute, work);
  return counted(value, work).reduce<Value>((all, item) => binary("+", all, get(item), work), start);
};

function sizeOf(value: Value, work: Work): number {
  if (typeof value !== "string") return lengthOf(value);
  work.read(value.length);
  return lengthOfText(value);
}

function last(value: Value, work: Work): Value {
  if (value instanceof Stream) throw failed("the last item of a generator is asked for");
  const item = counted(value, work).at(-1);
  return item === undefined ? new Undefined("no last item, sequence was empty") : item;
}

function reversed(value: Value, work: Work): Value {
  if (typeof value === "string") return charactersOf(value).toReversed().join("");
  if (value instanceof Undefined) return new Stream(() => []);
  const items = counted(value, work).toReversed();
  return new Stream(() => items);
}

function plain(name: string, make: (value: Value, work: Work) => Value): readonly [string, Filter] {
  return [
    name,
    (value, args: readonly Value[], named: NamedArguments, { work }) => {
      take(name, [], args, named);
      return make(value, work);
    },
  ];
}

export const LIST_FILTERS: readonly (readonly [string, Filter])[] = [
  ["sort", sort],
  ["unique", unique],
  ["groupby", groupby],
  ["dictsort", dictsort],
  ["batch", batch],
  ["slice", slice],
  ["sum", sum],
  extreme("max", 1),
  extreme("min", -1),
  plain("length", sizeOf),
  plain("count", sizeOf),
  plain("list", (value, work) => [...counted(value, work)]),
  plain("first", (value, work) => {
    const first = value instanceof Stream ? value.next() : counted(value, work)[0];
    return first === undefined ? new Undefined("no first item, sequence was empty") : first;
  }),
  plain("last", last),
  plain("reverse", reversed),
  plain("items", (value) => {
    if (value instanceof Undefined) return new Stream(() => []);
    if (value instanceof Dict) return new Stream(() => entriesOf(value));
    throw failed(`items of a '${typeName(value)}' are asked for`);
  }),
];
