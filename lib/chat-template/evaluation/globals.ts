/** What a template can call without being given it, as transformers has it. */
import { integerArgument, take, textArgument } from "../python/arguments.js";
import { TemplateError, failed } from "../template-error.js";
import { textOf } from "../python/text.js";
import {
  Dict,
  Func,
  iterate,
  keyOf,
  Namespace,
  Sequence,
  Undefined,
  type NamedArguments,
  type Value,
} from "../python/values.js";
import type { Work } from "../work.js";
import { formatTime } from "./format-time.js";

/** Of Jinja's sandbox. */
const MAX_RANGE = 100_000;
const MAX_TIME_FORMAT = 1000;
/** In items of a list, of which a step reads some. */
const COST_OF_ENTRY = 32;

function range(args: readonly Value[], work: Work): Value {
  const numbers = args.map((argument) => integerArgument("a bound of range()", argument));
  const [first = 0, second, step = 1] = numbers;
  if (numbers.length === 0 || numbers.length > 3) throw failed("range() takes one to three arguments");
  if (step === 0) throw failed("range() has the step 0");
  const [from, to] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > MAX_RANGE) {
    throw new TemplateError(
      "bounds",
      `asks for a range of ${length} numbers; at most ${MAX_RANGE} are allowed`,
    );
  }
  work.read(length);
  return new Sequence(
    "range",
    Array.from({ length }, (_, i) => from + i * step),
  );
}

/** `dict(other, name=value)`. */
function dictOf(what: string, args: readonly Value[], named: NamedArguments, work: Work): Dict {
  const [other] = take(what, ["other"], args, new Map());
  const dict = new Dict();
  work.read((other instanceof Dict ? other.size + named.size : named.size) * COST_OF_ENTRY);
  if (other instanceof Dict) for (const [key, value] of other) dict.set(key, value);
  else if (other !== undefined) {
    for (const pair of iterate(other)) {
      work.read(COST_OF_ENTRY);
      const [key, value, ...more] = iterate(pair);
      if (key === undefined || value === undefined || more.length > 0)
        throw failed(`${what}() is given no pairs`);
      dict.set(keyOf(key), value);
    }
  }
  for (const [name, value] of named) dict.set(name, value);
  return dict;
}

/** What writes nothing the first time, and something between later on. */
function joiner(args: readonly Value[], named: NamedArguments): Func {
  const [between = ", "] = take("joiner", ["sep"], args, named);
  let isUsed = false;
  return new Func("joiner", () => {
    if (isUsed) return between;
    isUsed = true;
    return "";
  });
}

function cycler(items: readonly Value[]): Namespace {
  if (items.length === 0) throw failed("at least one item has to be provided to cycler()");
  let at = 0;
  const fields = new Dict();
  const show = (): void => void fields.set("current", items[at] ?? null);
  const next = (): Value => {
    const item = items[at] ?? null;
    at = (at + 1) % items.length;
    show();
    return item;
  };
  const reset = (): Value => {
    at = 0;
    show();
    return null;
  };
  show();
  return new Namespace(fields.set("next", new Func("next", next)).set("reset", new Func("reset", reset)));
}

function timeFormat(value: Value | undefined): string {
  const format = textArgument("format", value);
  if (format.length > MAX_TIME_FORMAT) throw failed("a format of time is longer than any date");
  return format;
}

/** @param now of `strftime_now()` */
export function globalsFor(work: Work, now: Date): Map<string, Value> {
  const functions: readonly Func[] = [
    new Func("range", (args) => range(args, work)),
    new Func("dict", (args, named) => dictOf("dict", args, named, work)),
    new Func("namespace", (args, named) => new Namespace(dictOf("namespace", args, named, work))),
    new Func("joiner", joiner),
    new Func("cycler", cycler),
    new Func("raise_exception", (args, named) => {
      const [message = new Undefined("no message")] = take("raise_exception", ["message"], args, named);
      throw new TemplateError("refused", `refuses: ${textOf(message, work).slice(0, 500)}`);
    }),
    new Func("strftime_now", (args, named) =>
      formatTime(now, timeFormat(take("strftime_now", ["format"], args, named)[0])),
    ),
  ];
  const values = functions.map((func): [string, Value] => [func.name, func]);
  // The template itself, whose blocks no chat template has.
  return new Map([...values, ["self", new Namespace(new Dict())]]);
}
