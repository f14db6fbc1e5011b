/** `x.name`, `x[key]` and `x[from:to]`, as Jinja's sandbox finds them. */
import { containerMethod } from "./container-methods.js";
import { areEqual } from "./compare.js";
import { formatBraces } from "./format.js";
import { failed } from "../template-error.js";
import { stringMethod } from "./string-methods.js";
import {
  charactersOf,
  Dict,
  Func,
  integerOf,
  isList,
  keyOf,
  Loop,
  Namespace,
  numberOf,
  Sequence,
  tuple,
  typeName,
  Undefined,
  type Value,
} from "./values.js";
import type { Work } from "../work.js";

/** `x.name`: Python's attribute, else the item. @throws TemplateError */
export function attributeOf(of: Value, name: string, work: Work): Value {
  if (of instanceof Undefined) return of.fail();
  const attribute = ownAttribute(of, name, work);
  const found = attribute === undefined ? itemByKey(of, name, work) : attribute;
  return found === undefined ? missing(of, name) : found;
}

/** Python's attribute alone. @throws TemplateError */
export function plainAttributeOf(of: Value, name: string, work: Work): Value {
  if (of instanceof Undefined) return of.fail();
  const found = ownAttribute(of, name, work);
  return found === undefined ? missing(of, name) : found;
}

/** `x[key]`: the item, else Python's attribute. @throws TemplateError */
export function itemOf(of: Value, key: Value, work: Work): Value {
  if (of instanceof Undefined) return of.fail();
  const item = itemByKey(of, key, work);
  if (item !== undefined) return item;
  const attribute = typeof key === "string" ? ownAttribute(of, key, work) : undefined;
  if (attribute !== undefined) return attribute;
  return missing(of, typeof key === "string" ? key : (integerOf(key) ?? typeName(key)));
}

function missing(of: Value, name: string | number): Undefined {
  const what = of === null ? "None" : `'${typeName(of)} object'`;
  const how = typeof name === "number" ? `no element ${name}` : `no attribute '${name}'`;
  return new Undefined(`${what} has ${how}`);
}

function ownAttribute(of: Value, name: string, work: Work): Value | undefined {
  if (name.startsWith("__")) return new Undefined(`access to attribute '${name}' is unsafe`);
  if (typeof of === "string")
    return name === "format" ? formatMethod(of, work) : stringMethod(of, name, work);
  if (of instanceof Namespace) return of.fields.get(name);
  if (of instanceof Loop) return loopAttribute(of, name, work);
  if (of instanceof Func) return name === "name" ? of.name : undefined;
  return containerMethod(of, name, work);
}

function formatMethod(text: string, work: Work): Func {
  const follow = (value: Value, key: string | number, isAttribute: boolean): Value =>
    isAttribute ? attributeOf(value, String(key), work) : itemOf(value, key, work);
  return new Func("format", (args, named) => formatBraces(text, args, named, follow, work));
}

function itemByKey(of: Value, key: Value, work: Work): Value | undefined {
  if (of instanceof Dict) return isKey(key) ? of.get(keyOf(key)) : undefined;
  const index = integerOf(key);
  if (index === undefined) return undefined;
  if (typeof of === "string") {
    work.read(of.length * 4);
    return charactersOf(of).at(index);
  }
  if (isList(of)) return of.at(index);
  return of instanceof Sequence && isIndexed(of) ? of.items.at(index) : undefined;
}

function isKey(key: Value): boolean {
  return key === null || typeof key === "string" || typeof key === "boolean" || numberOf(key) !== undefined;
}

function isIndexed({ kind }: Sequence): boolean {
  return kind === "tuple" || kind === "range";
}

/** @throws TemplateError */
export function sliceOf(
  of: Value,
  bounds: readonly [Value | undefined, Value | undefined, Value | undefined],
  work: Work,
): Value {
  if (of instanceof Undefined) return of.fail();
  const [from, to, step = 1] = bounds.map((bound) => {
    if (bound === undefined || bound === null) return undefined;
    const number = integerOf(bound);
    if (number === undefined) throw failed(`a slice has a bound of type ${typeName(bound)}`);
    return number;
  });
  if (step === 0) throw failed("a slice has the step 0");
  if (typeof of === "string") return sliced(charactersOf(of), from, to, step, work).join("");
  if (isList(of)) return sliced(of, from, to, step, work);
  if (of instanceof Sequence && isIndexed(of)) {
    return new Sequence(of.kind, sliced(of.items, from, to, step, work));
  }
  return missing(of, "slice");
}

function sliced<Item>(
  items: readonly Item[],
  from: number | undefined,
  to: number | undefined,
  step: number,
  work: Work,
): Item[] {
  work.read(items.length);
  const size = items.length;
  const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1];
  const place = (bound: number | undefined, otherwise: number): number =>
    bound === undefined ? otherwise : Math.min(Math.max(bound < 0 ? bound + size : bound, lowest), highest);
  const begin = place(from, step > 0 ? lowest : highest);
  const end = place(to, step > 0 ? highest : lowest);
  if (step === 1) return items.slice(begin, end);
  const picked: Item[] = [];
  for (let i = begin; step > 0 ? i < end : i > end; i += step) {
    const item = items[i];
    if (item !== undefined) picked.push(item);
  }
  return picked;
}

function loopAttribute(loop: Loop, name: string, work: Work): Value | undefined {
  const { index0, items, depth0 } = loop;
  switch (name) {
    case "index":
      return index0 + 1;
    case "index0":
      return index0;
    case "revindex":
      return items.length - index0;
    case "revindex0":
      return items.length - index0 - 1;
    case "first":
      return index0 === 0;
    case "last":
      return index0 === items.length - 1;
    case "length":
      return items.length;
    case "depth":
      return depth0 + 1;
    case "depth0":
      return depth0;
    case "previtem":
      return valueOr(items[index0 - 1], "there is no previous item");
    case "nextitem":
      return valueOr(items[index0 + 1], "there is no next item");
    case "cycle":
      return new Func(name, (args) => valueOr(args[index0 % args.length], "no items for cycling given"));
    case "changed":
      return new Func(name, (args) => {
        const before = loop.asked;
        loop.asked = args;
        return before === null || !areEqual(tuple(before), tuple(args), work);
      });
    default:
      return undefined;
  }
}

function valueOr(value: Value | undefined, message: string): Value {
  return value === undefined ? new Undefined(message) : value;
}
