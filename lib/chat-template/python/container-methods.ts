/** Methods of dictionaries, lists and tuples. Those that would change them are not for templates. */
import { integerArgument, take } from "./arguments.js";
import { areEqual } from "./compare.js";
import { failed } from "../template-error.js";
import { Dict, Func, isList, keyOf, Sequence, tuple, Undefined, type Value } from "./values.js";
import type { Work } from "../work.js";

const CHANGING_DICT: readonly string[] = ["clear", "pop", "popitem", "setdefault", "update"];
const CHANGING_LIST: readonly string[] = [
  "append",
  "clear",
  "extend",
  "insert",
  "pop",
  "remove",
  "reverse",
  "sort",
];

/** A method of a container; undefined for a name that it does not have. */
export function containerMethod(of: Value, name: string, work: Work): Value | undefined {
  if (of instanceof Dict) {
    return CHANGING_DICT.includes(name) ? unsafe(name) : dictMethod(of, name, work);
  }
  if (isList(of)) return CHANGING_LIST.includes(name) ? unsafe(name) : rowMethod(of, of, name, work);
  return of instanceof Sequence && of.kind === "tuple" ? rowMethod(of, of.items, name, work) : undefined;
}

function unsafe(name: string): Undefined {
  return new Undefined(`access to attribute '${name}' is unsafe, as it changes what the template is given`);
}

function dictMethod(dict: Dict, name: string, work: Work): Value | undefined {
  const method = (call: Func["call"]): Func => new Func(name, call);
  const view = (kind: Sequence["kind"], items: (dict: Dict) => Value[]): Func =>
    method((args, named) => {
      take(name, [], args, named);
      work.read(dict.size);
      return new Sequence(kind, items(dict));
    });
  switch (name) {
    case "get":
      return method((args, named) => {
        const [key = null, otherwise = null] = take(name, ["key", "default"], args, named);
        const found = dict.get(keyOf(key));
        return found === undefined ? otherwise : found;
      });
    case "items":
      return view("dict_items", entriesOf);
    case "keys":
      return view("dict_keys", (all) => [...all.keys()]);
    case "values":
      return view("dict_values", (all) => [...all.values()]);
    case "copy":
      return method(() => {
        work.read(dict.size);
        return new Dict(dict);
      });
    default:
      return undefined;
  }
}

/** Names and values, as tuples. */
export function entriesOf(dict: Dict): Value[] {
  return Array.from(dict, ([key, item]) => tuple([key, item]));
}

function rowMethod(of: Value, items: readonly Value[], name: string, work: Work): Value | undefined {
  switch (name) {
    case "index":
      return new Func(name, (args, named) => {
        const [sought = null, from] = take(name, ["value", "start", "stop"], args, named);
        const begin = integerArgument("start", from, 0);
        const place = items.findIndex((item, i) => i >= begin && areEqual(item, sought, work));
        if (place === -1) throw failed("a list is asked for the place of what it does not have");
        return place;
      });
    case "count":
      return new Func(name, ([sought = null]) => items.filter((item) => areEqual(item, sought, work)).length);
    case "copy":
      return new Func(name, () => of);
    default:
      return undefined;
  }
}
