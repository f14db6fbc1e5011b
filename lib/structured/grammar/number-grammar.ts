/** Numbers between bounds, as JavaScript writes them. */
import { CharacterSet } from "./character-set.js";
import { fractionBetween, wholeBetween, type FractionBound } from "./digits.js";
import {
  characters,
  choice,
  NOTHING,
  optional,
  repetition,
  sequence,
  text,
  type Expression,
} from "./expression.js";
import { DIGIT, MAX_FRACTION_DIGITS, MAX_INTEGER_DIGITS, type JsonRules } from "./json-text.js";

/** What schemas ask of a number. */
export interface NumberFacts {
  readonly isInteger: boolean;
  readonly min: Bound | null;
  readonly max: Bound | null;
  readonly multiplesOf: readonly number[];
}

/** A bound of a number. */
export interface Bound {
  readonly value: number;
  readonly isExclusive: boolean;
}

/** Numbers from this one on are written with an exponent, and so are those below the other. */
const HUGE = 1e21;
const TINY = 1e-6;
/** Multiples that are written out one by one. */
const MAX_MULTIPLES = 256;
const MAX_WHOLE = 10n ** BigInt(MAX_INTEGER_DIGITS) - 1n;

/**
 * @param checkedAfter takes the keywords that the grammar does not say
 */
export function numberGrammar(json: JsonRules, facts: NumberFacts, checkedAfter: Set<string>): Expression {
  const { isInteger, min, max, multiplesOf } = facts;
  if (min !== null && max !== null && isAbove(min, max)) return NOTHING;
  const [step, ...others] = multiplesOf;
  if (others.length > 0) checkedAfter.add("multipleOf");
  if (isInteger || (step !== undefined && Number.isInteger(step))) {
    return integers(json, { ...facts, multiplesOf: step === undefined ? [] : [step] }, checkedAfter);
  }
  let fractionDigits = MAX_FRACTION_DIGITS;
  if (step !== undefined) {
    const [, fraction = ""] = decimalOf(step).split(".");
    if (fraction.length < fractionDigits) fractionDigits = fraction.length;
    if (!/^-?0?\.?0*1$/.test(decimalOf(step))) checkedAfter.add("multipleOf");
  }
  if (min === null && max === null && step === undefined) return json.number;
  return decimals(min, max, fractionDigits, checkedAfter);
}

function isAbove(min: Bound, max: Bound): boolean {
  return min.value > max.value || (min.value === max.value && (min.isExclusive || max.isExclusive));
}

function integers(
  json: JsonRules,
  { min, max, multiplesOf }: NumberFacts,
  checkedAfter: Set<string>,
): Expression {
  const [step = 1] = multiplesOf;
  const low = min === null ? null : clamped(wholeAbove(min));
  const high = max === null ? null : clamped(-wholeAbove({ ...max, value: -max.value }));
  if (step !== 1) {
    const few = multiplesBetween(step, low, high);
    if (few !== null) return choice(...few.map((value) => text(value.toString())));
    if (low === null && high === null && lastDigits(step) !== null) {
      const end = lastDigits(step) ?? NOTHING;
      return sequence(optional(text("-")), end);
    }
    checkedAfter.add("multipleOf");
  }
  if (low === null && high === null) return json.integer;
  return integersBetween(low ?? -MAX_WHOLE, high ?? MAX_WHOLE);
}

function integersBetween(low: bigint, high: bigint): Expression {
  const negative = low < 0n ? wholeBetween(high < 0n ? -high : 1n, -low) : NOTHING;
  return choice(high < 0n ? NOTHING : wholeBetween(low < 0n ? 0n : low, high), sequence(text("-"), negative));
}

/** The least whole number that the bound allows. */
function wholeAbove({ value, isExclusive }: Bound): bigint {
  if (!Number.isFinite(value)) return value > 0 ? MAX_WHOLE + 1n : -MAX_WHOLE;
  const least = BigInt(Math.ceil(value));
  return isExclusive && Number.isInteger(value) ? least + 1n : least;
}

function clamped(value: bigint): bigint {
  if (value > MAX_WHOLE) return MAX_WHOLE + 1n;
  return value < -MAX_WHOLE ? -MAX_WHOLE - 1n : value;
}

/** The multiples between two bounds, where they are few; else null. */
function multiplesBetween(step: number, low: bigint | null, high: bigint | null): bigint[] | null {
  if (low === null || high === null || !Number.isInteger(step)) return null;
  const by = BigInt(step);
  const count = (high - low) / by;
  if (count > BigInt(MAX_MULTIPLES)) return null;
  const first = (low / by) * by;
  const all = Array.from({ length: Number(count) + 3 }, (_, index) => first + BigInt(index - 1) * by);
  return all.filter((value) => low <= value && value <= high);
}

/** Multiples of 2, 4, 5, 10 and so on, which are known by their last digits; null for others. */
function lastDigits(step: number): Expression | null {
  const count = [1, 2, 3].find((digits) => 10 ** digits % step === 0);
  if (count === undefined) return null;
  const all = Array.from({ length: 10 ** count / step }, (_, index) => index * step);
  const ends = choice(...all.map((value) => text(String(value).padStart(count, "0"))));
  const first = characters(CharacterSet.of([[0x31, 0x39]]));
  const long = sequence(first, repetition(DIGIT, 0, MAX_INTEGER_DIGITS - count - 1), ends);
  return choice(long, ...all.map((value) => text(String(value))));
}

function decimals(
  min: Bound | null,
  max: Bound | null,
  fractionDigits: number,
  checkedAfter: Set<string>,
): Expression {
  const isNegative = min === null || min.value < 0;
  const isPositive = max === null || max.value > 0 || (max.value === 0 && !max.isExclusive);
  const zero = { value: 0, isExclusive: false };
  const above = { value: 0, isExclusive: true };
  const options: Expression[] = [];
  if (isPositive) {
    const low = isNegative ? zero : (min ?? zero);
    options.push(magnitudes(low, max, fractionDigits, checkedAfter));
  }
  if (isNegative) {
    const low = max === null || max.value >= 0 ? above : { ...max, value: -max.value };
    const high = min === null ? null : { ...min, value: -min.value };
    options.push(sequence(text("-"), magnitudes(low, high, fractionDigits, checkedAfter)));
  }
  return choice(...options);
}

/** Numbers without a sign. */
function magnitudes(
  low: Bound,
  high: Bound | null,
  fractionDigits: number,
  checkedAfter: Set<string>,
): Expression {
  const options = [plain(low, high, fractionDigits)];
  const significant = optional(sequence(text("."), repetition(DIGIT, 1, 16)));
  const first = characters(CharacterSet.of([[0x31, 0x39]]));
  const mantissa = sequence(first, significant);
  const isWhole = (from: number, to: number): boolean =>
    low.value <= from && (high === null || high.value >= to);
  if (fractionDigits === MAX_FRACTION_DIGITS && low.value < TINY && (high === null || high.value > 0)) {
    if (!isWhole(0, TINY)) checkedAfter.add("minimum and maximum below 1e-6");
    options.push(sequence(mantissa, text("e-"), wholeBetween(7n, 324n)));
  }
  if (high === null || high.value >= HUGE) {
    if (!isWhole(HUGE, Number.MAX_VALUE)) checkedAfter.add("minimum and maximum above 1e21");
    options.push(sequence(mantissa, text("e+"), wholeBetween(21n, 308n)));
  }
  return choice(...options);
}

/** Numbers without an exponent. */
function plain(low: Bound, high: Bound | null, fractionDigits: number): Expression {
  const from = parts(low);
  const to = high === null || high.value >= HUGE ? null : parts(high);
  if (from.whole > MAX_WHOLE) return NOTHING;
  if (to !== null && from.whole === to.whole) {
    return sequence(text(from.whole.toString()), fractionBetween(from.fraction, to.fraction, fractionDigits));
  }
  const any = fractionBetween(null, null, fractionDigits);
  const last = to === null ? MAX_WHOLE : to.whole - 1n;
  return choice(
    sequence(text(from.whole.toString()), fractionBetween(from.fraction, null, fractionDigits)),
    sequence(wholeBetween(from.whole + 1n, last), any),
    to === null
      ? NOTHING
      : sequence(text(to.whole.toString()), fractionBetween(null, to.fraction, fractionDigits)),
  );
}

function parts({ value, isExclusive }: Bound): { whole: bigint; fraction: FractionBound } {
  const [whole = "0", fraction = ""] = decimalOf(value).split(".");
  return { whole: BigInt(whole), fraction: { digits: fraction.replace(/0+$/, ""), isExclusive } };
}

/** A number as JavaScript writes it, without an exponent. */
export function decimalOf(value: number): string {
  const [mantissa = "0", exponent] = String(value).split("e");
  if (exponent === undefined) return mantissa;
  const [whole = "0", fraction = ""] = mantissa.replace("-", "").split(".");
  const shift = Number(exponent);
  const sign = value < 0 ? "-" : "";
  if (shift < 0) return `${sign}0.${"0".repeat(-shift - whole.length)}${whole}${fraction}`;
  return sign + whole + fraction.padEnd(shift, "0");
}
