/** JavaScript's regular expressions with the flag u, as a tree. */

/** A part of an expression. */
export type PatternNode =
  /** One character that `source`, an atom of JavaScript's, matches. */
  | { readonly kind: "character"; readonly source: string }
  /** A place between characters. */
  | { readonly kind: "place"; readonly source: PatternPlace }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  /** `max` is Infinity where there is no bound. */
  | { readonly kind: "repetition"; readonly part: PatternNode; readonly min: number; readonly max: number }
  | ({ readonly kind: "look"; readonly part: PatternNode } & PatternLook);

/** Beginning, end, and whether a word begins or ends. */
export type PatternPlace = "^" | "$" | "\\b" | "\\B";

/** What stands before or behind a place, or does not. */
export interface PatternLook {
  readonly direction: "ahead" | "behind";
  readonly isNegative: boolean;
}

/** An expression that JavaScript takes and that cannot be matched in linear time. */
export class UnsupportedPattern extends Error {}

const LOOKS: Readonly<Record<string, PatternLook>> = {
  "(?=": { direction: "ahead", isNegative: false },
  "(?!": { direction: "ahead", isNegative: true },
  "(?<=": { direction: "behind", isNegative: false },
  "(?<!": { direction: "behind", isNegative: true },
};

const PLACES: readonly string[] = ["^", "$", "\\b", "\\B"] satisfies PatternPlace[];

/** What an expression falls into; of two that fit, the first. */
const TOKEN = new RegExp(
  [
    /\(\?<?[=!]|\(\?<[^>]*>|\(\?[a-z-]*:/, // what a bracket is for, where it is said
    /\{\d+(?:,\d*)?\}\??|[*+?]\??/, // repetitions
    /\[(?:[^\]\\]|\\.)*\]/, // classes
    /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}/, // one character, as its two halves
    /\\u\{[\da-fA-F]+\}|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\c[a-zA-Z]|\\[pP]\{[^}]*\}/,
    /\\k<[^>]*>|\\[1-9]\d*|\\.|./,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gsu",
);

/** A bracket that is open. */
interface Open {
  readonly options: PatternNode[][];
  readonly close: (inside: PatternNode) => PatternNode;
}

/**
 * @throws SyntaxError for what JavaScript refuses
 * @throws {@link UnsupportedPattern} for back-references and for flags inside the expression
 */
export function parsePattern(pattern: string): PatternNode {
  void new RegExp(pattern, "u"); // from here on the syntax is right
  const outer: Open[] = [];
  let open: Open = { options: [[]], close: (inside) => inside };
  for (const [token] of pattern.matchAll(TOKEN)) {
    const parts = open.options.at(-1) ?? [];
    if (token.startsWith("(")) {
      outer.push(open);
      open = { options: [[]], close: closing(token) };
    } else if (token === ")") {
      const inside = open.close(choiceOf(open.options));
      open = outer.pop() ?? open;
      open.options.at(-1)?.push(inside);
    } else if (token === "|") open.options.push([]);
    else if (/^(?:[*+?]|\{\d)/.test(token)) {
      const part = parts.pop();
      if (part !== undefined) parts.push({ kind: "repetition", part, ...boundsOf(token) });
    } else parts.push(atomOf(token));
  }
  return choiceOf(open.options);
}

function closing(token: string): Open["close"] {
  const look = LOOKS[token];
  if (look !== undefined) return (part) => ({ kind: "look", part, ...look });
  if (/^\(\?[a-z-]+:/.test(token)) throw new UnsupportedPattern(`it has flags inside (${token})`);
  return (inside) => inside;
}

function atomOf(token: string): PatternNode {
  if (isPlace(token)) return { kind: "place", source: token };
  if (/^\\[1-9k]/.test(token)) throw new UnsupportedPattern(`it has a back-reference (${token})`);
  return { kind: "character", source: token };
}

function isPlace(token: string): token is PatternPlace {
  return PLACES.includes(token);
}

function choiceOf(options: readonly (readonly PatternNode[])[]): PatternNode {
  const sequences = options.map((parts): PatternNode => ({ kind: "sequence", parts }));
  const [only] = sequences;
  return sequences.length === 1 && only !== undefined ? only : { kind: "choice", options: sequences };
}

function boundsOf(token: string): { min: number; max: number } {
  if (token.startsWith("*")) return { min: 0, max: Infinity };
  if (token.startsWith("+")) return { min: 1, max: Infinity };
  if (token.startsWith("?")) return { min: 0, max: 1 };
  const [min = 0, max] = (token.match(/\d+/g) ?? []).map(Number);
  return { min, max: max ?? (token.includes(",") ? Infinity : min) };
}
