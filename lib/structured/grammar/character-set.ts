/** Sets of Unicode characters. Surrogates belong to none: a text that is well formed has none alone. */

/** From and to, both included. */
export type CharacterRange = readonly [first: number, last: number];

const LAST = 0x10ffff;
const SURROGATES: CharacterRange = [0xd800, 0xdfff];
/** Atoms of expressions whose sets are kept. */
const MAX_KNOWN = 256;

/** A set of characters, by ranges in order that do not touch. */
export class CharacterSet {
  static readonly none = new CharacterSet([]);
  static readonly all = CharacterSet.of([[0, LAST]]);
  static readonly ascii = CharacterSet.of([[0, 0x7f]]);
  static readonly digits = CharacterSet.of([[0x30, 0x39]]);
  static readonly #atoms = new Map<string, CharacterSet>();

  readonly ranges: readonly CharacterRange[];
  /** The same for equal sets. */
  readonly key: string;

  private constructor(ranges: readonly CharacterRange[]) {
    this.ranges = ranges;
    this.key = ranges.map(([first, last]) => `${first.toString(36)}-${last.toString(36)}`).join(",");
  }

  /** Of any ranges. */
  static of(ranges: readonly CharacterRange[]): CharacterSet {
    const merged: [number, number][] = [];
    for (const [first, last] of withoutSurrogates(ranges).toSorted((a, b) => a[0] - b[0])) {
      const before = merged.at(-1);
      if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
      else merged.push([first, last]);
    }
    return new CharacterSet(merged);
  }

  /** Of the characters of a text. */
  static from(text: string): CharacterSet {
    return CharacterSet.of(
      Array.from(text, (character): CharacterRange => [codeOf(character), codeOf(character)]),
    );
  }

  /** What an atom of JavaScript's, with the flag u, matches. JavaScript itself says it. */
  static ofAtom(source: string): CharacterSet {
    const known = CharacterSet.#atoms.get(source);
    if (known !== undefined) return known;
    const made = /^[^\\[.]$/u.test(source) ? CharacterSet.from(source) : matched(source);
    if (CharacterSet.#atoms.size < MAX_KNOWN) CharacterSet.#atoms.set(source, made);
    return made;
  }

  get size(): number {
    return this.ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  /** The first of them; the set is not empty. */
  get first(): number {
    return this.ranges[0]?.[0] ?? 0;
  }

  /** Each of them; the set is small. */
  codes(): number[] {
    return this.ranges.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    );
  }

  has(code: number): boolean {
    return this.ranges.some(([first, last]) => first <= code && code <= last);
  }

  or(other: CharacterSet): CharacterSet {
    return CharacterSet.of([...this.ranges, ...other.ranges]);
  }

  and(other: CharacterSet): CharacterSet {
    const shared: CharacterRange[] = [];
    let index = 0;
    for (const [first, last] of this.ranges) {
      while ((other.ranges[index]?.[1] ?? LAST) < first) index++;
      for (let at = index; (other.ranges[at]?.[0] ?? LAST + 1) <= last; at++) {
        const [from = 0, to = 0] = other.ranges[at] ?? [];
        shared.push([Math.max(first, from), Math.min(last, to)]);
      }
    }
    return CharacterSet.of(shared);
  }

  not(): CharacterSet {
    const left: CharacterRange[] = [];
    let next = 0;
    for (const [first, last] of this.ranges) {
      if (next < first) left.push([next, first - 1]);
      next = last + 1;
    }
    if (next <= LAST) left.push([next, LAST]);
    return CharacterSet.of(left);
  }

  without(other: CharacterSet): CharacterSet {
    return this.and(other.not());
  }
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function withoutSurrogates(ranges: readonly CharacterRange[]): CharacterRange[] {
  return ranges.flatMap(([first, last]) => {
    const parts: CharacterRange[] = [
      [first, Math.min(last, SURROGATES[0] - 1)],
      [Math.max(first, SURROGATES[1] + 1), last],
    ];
    return parts.filter(([from, to]) => from <= to);
  });
}

/** Characters at which the sets of `.`, `\d`, `\s` and `\w` begin or end. */
const EDGES: readonly CharacterRange[] = [
  [0x09, 0x0d],
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x20, 0x20],
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

/** The characters that an atom names, with those that the names may stand for. */
const NAMED =
  /\\u\{([\da-f]+)\}|\\u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})|\\(?:u|x)([\da-f]{4}|[\da-f]{2})|\\c([a-z])|\\?(.)/gisu;

function matched(source: string): CharacterSet {
  const expression = new RegExp(`^(?:${source})$`, "u");
  const fits = (code: number): boolean => expression.test(String.fromCodePoint(code));
  // What an atom matches begins and ends at what it names; only properties of characters are known to JavaScript alone.
  const edges = /\\p/i.test(source) ? null : edgesOf(source);
  const ranges: [number, number][] = [];
  const codes = edges ?? Array.from({ length: LAST + 1 }, (_, code) => code);
  for (const [index, code] of codes.entries()) {
    if (fits(code)) ranges.push([code, (codes[index + 1] ?? LAST + 1) - 1]);
  }
  return CharacterSet.of(ranges);
}

/** The first characters of all runs that a set without properties may have. */
function edgesOf(source: string): number[] {
  const named = [...source.matchAll(NAMED)].flatMap(([, long, high, low, short, control, plain]) => {
    if (long !== undefined) return [Number.parseInt(long, 16)];
    if (high !== undefined && low !== undefined) {
      return [codeOf(String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16)))];
    }
    if (short !== undefined) return [Number.parseInt(short, 16)];
    if (control !== undefined) return [codeOf(control) % 32];
    const code = codeOf(plain ?? "");
    return [code, ...(CONTROL_LETTERS[plain ?? ""] ?? [])];
  });
  const edges = [...EDGES, ...named.map((code): CharacterRange => [code, code])];
  const starts = new Set([0, SURROGATES[1] + 1, ...edges.flatMap(([first, last]) => [first, last + 1])]);
  return [...starts].filter((code) => code <= LAST).toSorted((a, b) => a - b);
}

/** Letters that stand for a control character behind a backslash. */
const CONTROL_LETTERS: Readonly<Record<string, readonly number[]>> = { 0: [0], b: [8] };
