/** Digits between bounds. */
import { CharacterSet } from "./character-set.js";
import {
  characters,
  choice,
  EMPTY,
  NOTHING,
  repetition,
  sequence,
  text,
  type Expression,
} from "./expression.js";

const ZERO = 0x30;
const DIGIT = characters(CharacterSet.digits);

/** A bound of what stands behind the point: digits without zeros at their end. */
export interface FractionBound {
  readonly digits: string;
  /** Whether the bound itself is left out. */
  readonly isExclusive: boolean;
}

/** One digit from `first` to `last`. */
function digit(first: number, last: number): Expression {
  return first > last ? NOTHING : characters(CharacterSet.of([[ZERO + first, ZERO + last]]));
}

function digits(min: number, max: number): Expression {
  return repetition(DIGIT, min, max);
}

/** Whole numbers from `low` to `high`, both 0 or more, without zeros in front. */
export function wholeBetween(low: bigint, high: bigint): Expression {
  if (low > high) return NOTHING;
  const [from, to] = [low.toString(), high.toString()];
  if (from.length === to.length) return sameLength(from, to);
  // Lengths of which all numbers are between them.
  const shortest = /^10*$/.test(from) ? from.length : from.length + 1;
  const longest = /^9+$/.test(to) ? to.length : to.length - 1;
  return choice(
    shortest > from.length ? sameLength(from, "9".repeat(from.length)) : NOTHING,
    sequence(digit(1, 9), digits(shortest - 1, longest - 1)),
    longest < to.length ? sameLength(`1${"0".repeat(to.length - 1)}`, to) : NOTHING,
  );
}

/** As many digits as both have, between them. */
function sameLength(low: string, high: string): Expression {
  if (/^0*$/.test(low) && /^9*$/.test(high)) return digits(low.length, low.length);
  const [from, to] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (from === to) return sequence(digit(from, from), sameLength(lowRest, highRest));
  const [zeros, nines] = [lowRest.replaceAll(/./g, "0"), lowRest.replaceAll(/./g, "9")];
  const first = /^0*$/.test(lowRest) ? from : from + 1;
  const last = /^9*$/.test(highRest) ? to : to - 1;
  return choice(
    sequence(digit(first, last), digits(lowRest.length, lowRest.length)),
    first === from ? NOTHING : sequence(digit(from, from), sameLength(lowRest, nines)),
    last === to ? NOTHING : sequence(digit(to, to), sameLength(zeros, highRest)),
  );
}

/** What may stand behind the digits before the point, the point included, between two bounds; null is none. */
export function fractionBetween(
  low: FractionBound | null,
  high: FractionBound | null,
  maxDigits: number,
): Expression {
  const least = low ?? { digits: "", isExclusive: false };
  const isWhole = least.digits === "" && !least.isExclusive && !(high?.digits === "" && high.isExclusive);
  const behind = between(least, high, maxDigits, true);
  return choice(isWhole ? EMPTY : NOTHING, sequence(text("."), behind));
}

function between(low: FractionBound, high: FractionBound | null, left: number, isFirst: boolean): Expression {
  if (high === null) return atLeast(low, left, isFirst);
  if (low.digits === "" && !low.isExclusive) return atMost(high, left, isFirst);
  if (left === 0) return NOTHING;
  if (high.digits === "") return NOTHING; // low is above it, or equal and left out
  const [from, to] = [Number(low.digits[0] ?? 0), Number(high.digits[0])];
  if (from > to) return NOTHING;
  const above = shortened(low);
  const below = shortened(high);
  if (from === to) return sequence(digit(from, from), between(above, below, left - 1, false));
  return choice(
    sequence(digit(from, from), atLeast(above, left - 1, false)),
    sequence(digit(from + 1, to - 1), digits(0, left - 1)),
    sequence(digit(to, to), atMost(below, left - 1, false)),
  );
}

function shortened(bound: FractionBound): FractionBound {
  return { ...bound, digits: bound.digits.slice(1) };
}

function atLeast(low: FractionBound, left: number, isFirst: boolean): Expression {
  if (low.digits === "" && !low.isExclusive) return digits(isFirst ? 1 : 0, left);
  if (left === 0) return NOTHING;
  if (low.digits === "") {
    // Something beside zeros.
    return sequence(repetition(text("0"), 0, left - 1), digit(1, 9), digits(0, left - 1));
  }
  const from = Number(low.digits[0]);
  if (low.digits.length === 1 && !low.isExclusive) return sequence(digit(from, 9), digits(0, left - 1));
  return choice(
    sequence(digit(from + 1, 9), digits(0, left - 1)),
    sequence(digit(from, from), atLeast(shortened(low), left - 1, false)),
  );
}

function atMost(high: FractionBound, left: number, isFirst: boolean): Expression {
  if (high.digits === "") return high.isExclusive ? NOTHING : repetition(text("0"), isFirst ? 1 : 0, left);
  const end = isFirst ? NOTHING : EMPTY; // less, because some digit follows in the bound
  if (left === 0) return end;
  const to = Number(high.digits[0]);
  return choice(
    end,
    sequence(digit(0, to - 1), digits(0, left - 1)),
    sequence(digit(to, to), atMost(shortened(high), left - 1, false)),
  );
}
