/** Filters that run another filter or a test for each item. */
import { plainAttributeOf } from "../python/attributes.js";
import { take, textArgument } from "../python/arguments.js";
import { failed } from "../template-error.js";
import { isTrue, iterate, Stream, Undefined, type NamedArguments, type Value } from "../python/values.js";
import { attributeGetter } from "./attribute-getter.js";
import type { Filter, Runtime } from "./runtime.js";

/** Goes through the items when they are asked for; what is false has none. */
function lazily(
  value: Value,
  { work }: Runtime,
  make: (items: readonly Value[]) => readonly Value[],
): Stream {
  return new Stream(() => {
    if (!isTrue(value)) return [];
    const items = iterate(value);
    work.read(items.length);
    return make(items);
  });
}

const map: Filter = (value, args, named, runtime) => {
  if (args.length === 0 && named.has("attribute")) {
    const [attribute = null, otherwise] = take("map", ["attribute", "default"], args, named);
    const get = attributeGetter(attribute, runtime.work, otherwise);
    return lazily(value, runtime, (items) => items.map((item) => get(item)));
  }
  const [name, ...others] = args;
  const filter = textArgument("the filter of map()", name);
  return lazily(value, runtime, (items) => items.map((item) => runtime.filter(filter, item, others, named)));
};

function selecting(name: string, keeps: boolean, hasAttribute: boolean): readonly [string, Filter] {
  return [
    name,
    (value, args, named, runtime) => {
      const [attribute, ...rest] = hasAttribute ? args : [null, ...args];
      if (attribute === undefined) throw failed(`${name}() is given no attribute`);
      const get = hasAttribute ? attributeGetter(attribute, runtime.work) : (item: Value) => item;
      const judge = judgeOf(rest, named, runtime);
      return lazily(value, runtime, (items) => items.filter((item) => judge(get(item)) === keeps));
    },
  ];
}

function judgeOf(
  [name, ...args]: readonly Value[],
  named: NamedArguments,
  runtime: Runtime,
): (value: Value) => boolean {
  if (name === undefined) return isTrue;
  const test = textArgument("the name of a test", name);
  return (value) => runtime.test(test, value, args, named);
}

export const SELECT_FILTERS: readonly (readonly [string, Filter])[] = [
  ["map", map],
  selecting("select", true, false),
  selecting("reject", false, false),
  selecting("selectattr", true, true),
  selecting("rejectattr", false, true),
  [
    "attr",
    (value, args, named, { work }) => {
      const name = textArgument("the attribute", take("attr", ["name"], args, named)[0]);
      return plainAttributeOf(value, name, work);
    },
  ],
  ...["default", "d"].map((name): readonly [string, Filter] => [
    name,
    (value, args, named) => {
      const [otherwise = "", isFalseToo] = take(name, ["default_value", "boolean"], args, named);
      const asksTruth = isFalseToo !== undefined && isTrue(isFalseToo);
      return value instanceof Undefined || (asksTruth && !isTrue(value)) ? otherwise : value;
    },
  ]),
];
