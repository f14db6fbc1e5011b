/** The tests of characters of Python's str.isdigit() and the like. */

const CLASSES = {
  decimal: /^\p{Nd}+$/u,
  digit: /^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468]+$/u,
  numeric: /^\p{N}+$/u,
  letter: /^\p{L}+$/u,
  letterOrNumber: /^[\p{L}\p{N}]+$/u,
};

/** Whether there is a character and all are of that class. */
export function isAll(text: string, wanted: keyof typeof CLASSES): boolean {
  return CLASSES[wanted].test(text);
}
