// The command line of a benchmark.
import { parseArgs } from "node:util";

/**
 * Options of a benchmark: how often it measures, --quick, --seed, --out, --docs, and its own, as `parseArgs` takes them.
 * `count`: the name of the one that says how often; `sizes`: how much is measured, in full and quickly, with `count` for
 * where it is not given.
 */
export function readOptions(count, sizes, own = {}) {
  const { values } = parseArgs({
    options: {
      ...own,
      [count]: { type: "string" },
      quick: { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
      out: { type: "string" },
      docs: { type: "boolean", default: false },
    },
  });
  const size = values.quick ? sizes.quick : sizes.full;
  return {
    ...values,
    size,
    [count]: wholeNumber(`--${count}`, values[count] ?? size[count], 1),
    seed: wholeNumber("--seed", values.seed, 0),
  };
}

/** Numbers of streams at once, rising: so a peak of memory is the level's own. */
export function levelsOf(text) {
  const levels = text.split(",").map((level) => wholeNumber("--levels", level, 1));
  return [...new Set(levels)].sort((a, b) => a - b);
}

/** A whole number of a command line. */
export function wholeNumber(option, text, least) {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`Expected a whole number from ${least} for ${option} but received ${text}.`);
}

/** Some of `names`, separated by commas. */
export function someOf(option, text, names) {
  const chosen = text.split(",");
  for (const name of chosen) {
    if (!names.includes(name))
      throw new Error(`Expected some of ${names.join(", ")} for ${option} but received ${name}.`);
  }
  return new Set(chosen);
}
