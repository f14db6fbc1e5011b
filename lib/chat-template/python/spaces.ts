/** What Python takes for space at the ends of a text and between words; JavaScript's own set is another one. */

const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const IS_SPACE = new RegExp(`^[${SPACE}]$`);
const WORD = new RegExp(`[^${SPACE}]+`, "g");
const LINE_ENDS = "\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029";
const LINE_END = new RegExp(`\\r\\n|[${LINE_ENDS}]`, "g");

export function isSpace(unit: string): boolean {
  return IS_SPACE.test(unit);
}

/** Where a text without the units that `strips` at its beginning and its end starts and stops. */
export function strippedRange(
  text: string,
  strips: (unit: string) => boolean,
  { left = true, right = true } = {},
): [begin: number, end: number] {
  let [begin, end] = [0, text.length];
  if (left) while (begin < end && strips(text.charAt(begin))) begin++;
  if (right) while (end > begin && strips(text.charAt(end - 1))) end--;
  return [begin, end];
}

export function strip(text: string, sides: { left?: boolean; right?: boolean } = {}): string {
  return text.slice(...strippedRange(text, isSpace, sides));
}

/** The words of a text, each with its place. */
export function wordsOf(text: string): { readonly word: string; readonly begin: number }[] {
  return Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({ word, begin: index }));
}

/** Lines, as str.splitlines() gives them. */
export function linesOf(text: string, keepEnds = false): string[] {
  const lines: string[] = [];
  let begin = 0;
  for (const { 0: end, index } of text.matchAll(LINE_END)) {
    lines.push(text.slice(begin, keepEnds ? index + end.length : index));
    begin = index + end.length;
  }
  if (begin < text.length) lines.push(text.slice(begin));
  return lines;
}
