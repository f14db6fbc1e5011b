import { isNewline, isSpace } from "./characters.js";
import { UNDECIDED, type DelimiterSet } from "./delimiter-set.js";
import type { Source } from "./source.js";

/**
 * A parser that waits in the middle of whatever it reads: it yields where it needs more text, and goes on when there is
 * more or the text has ended.
 */
export type Reading<Result> = Generator<undefined, Result, undefined>;

/** {@link peek}: there is no next character. */
export const END = -1;

/** The code of the next character, which stays; {@link END} where the text is over. */
export function* peek(source: Source): Reading<number> {
  while (source.isEmpty) {
    if (source.hasEnded) return END;
    yield;
  }
  return source.code;
}

/** Takes characters as long as they fit, at most `limit`. */
export function* takeWhile(
  source: Source,
  fits: (code: number) => boolean,
  limit = Infinity,
): Reading<string> {
  let taken = "";
  for (;;) {
    const code = yield* peek(source);
    if (code === END || taken.length >= limit || !fits(code)) return taken;
    taken += source.take(1);
  }
}

/** Takes white space of any kind. */
export function* takeWhitespace(source: Source): Reading<void> {
  yield* takeWhile(source, isSpace);
}

/** Takes line breaks. */
export function* takeNewlines(source: Source): Reading<void> {
  yield* takeWhile(source, isNewline);
}

/** Takes one character, if it is the next. */
export function* takeCharacter(source: Source, character: string): Reading<boolean> {
  const isNext = (yield* peek(source)) === character.charCodeAt(0);
  if (isNext) source.take(1);
  return isNext;
}

/** Takes the delimiter that stands next; nothing, and null, where none does. */
export function* takeDelimiter(source: Source, delimiters: DelimiterSet): Reading<string | null> {
  for (;;) {
    const length = source.look((text, at) => delimiters.match(text, at));
    if (length > 0) return source.take(length);
    if (length !== UNDECIDED || source.hasEnded) return null;
    yield;
  }
}

/** Whether a delimiter stands next. */
export function* isAtDelimiter(source: Source, delimiters: DelimiterSet): Reading<boolean> {
  for (;;) {
    const length = source.look((text, at) => delimiters.match(text, at));
    if (length > 0) return true;
    if (length !== UNDECIDED || source.hasEnded) return false;
    yield;
  }
}

/**
 * Takes everything up to a delimiter, and the delimiter; null where the text ends without one. `emit` follows each taking.
 */
export function* takeUntilDelimiter(
  source: Source,
  delimiters: DelimiterSet,
  emit: (text: string) => void,
): Reading<string | null> {
  for (;;) {
    const length = source.look((text, at) => delimiters.find(text, at, source.hasEnded) - at);
    if (length > 0) emit(source.take(length));
    if (source.isEmpty && source.hasEnded) return null;
    const delimiter = source.isEmpty ? 0 : source.look((text, at) => delimiters.match(text, at));
    if (delimiter > 0) return source.take(delimiter);
    yield;
  }
}
