/** From a language with "and" and "not" to one without: by way of its automaton. */
import { CharacterSet } from "./character-set.js";
import { LanguageTooLarge, type Languages } from "./language.js";
import type { Language } from "./language-node.js";

/** States of an automaton. */
const MAX_STATES = 160;
/** Parts of the expression that comes of it. */
const MAX_SIZE = 4000;

/** Whether a language has neither "and" nor "not", so that a grammar can say it as it is. */
function isPlain(language: Language): boolean {
  switch (language.kind) {
    case "and":
    case "not":
      return false;
    case "then":
      return isPlain(language.first) && isPlain(language.rest);
    case "or":
      return language.parts.every(isPlain);
    case "times":
      return isPlain(language.part);
    default:
      return true;
  }
}

/**
 * The same language without "and" and "not".
 *
 * @throws {@link LanguageTooLarge}
 */
export function plainLanguage(languages: Languages, language: Language): Language {
  if (isPlain(language)) return language;
  return eliminated(languages, automatonOf(languages, language));
}

/** What leads from one state to another. State 0 is the beginning. */
interface Automaton {
  readonly size: number;
  readonly accepting: ReadonlySet<number>;
  readonly edges: ReadonlyMap<number, ReadonlyMap<number, CharacterSet>>;
}

function automatonOf(languages: Languages, language: Language): Automaton {
  const states = new Map([[language, 0]]);
  const edges = new Map<number, Map<number, CharacterSet>>();
  for (const [state, id] of states) {
    const leaving = new Map<number, CharacterSet>();
    edges.set(id, leaving);
    for (const set of languages.classes(state)) {
      const next = languages.after(state, set.first);
      if (next === languages.none) continue;
      let to = states.get(next);
      if (to === undefined) {
        if (states.size >= MAX_STATES) throw new LanguageTooLarge(`it needs more than ${MAX_STATES} states`);
        to = states.size;
        states.set(next, to);
      }
      leaving.set(to, (leaving.get(to) ?? CharacterSet.none).or(set));
    }
  }
  const accepting = new Set([...states].filter(([{ hasEmpty }]) => hasEmpty).map(([, id]) => id));
  return merged({ size: states.size, accepting, edges });
}

/** The same with the least number of states: derivatives that differ may lead to the same texts. */
function merged(automaton: Automaton): Automaton {
  const { size, accepting, edges } = automaton;
  let groups: readonly number[] = Array.from({ length: size }, (_, id) => (accepting.has(id) ? 1 : 0));
  for (let before = 0; ;) {
    const names = new Map<string, number>();
    const next = groups.map((group, id) => {
      const leaving = grouped(edges.get(id), groups);
      const name = `${group};${[...leaving]
        .toSorted(([a], [b]) => a - b)
        .map(([to, set]) => `${to}:${set.key}`)
        .join(";")}`;
      return names.get(name) ?? names.set(name, names.size).size - 1;
    });
    groups = next;
    if (names.size === before) break;
    before = names.size;
  }
  const first = new Map<number, number>();
  groups.forEach((group, id) => {
    if (!first.has(group)) first.set(group, id);
  });
  return {
    size: first.size,
    accepting: new Set([...first].filter(([, id]) => accepting.has(id)).map(([group]) => group)),
    edges: new Map([...first].map(([group, id]) => [group, grouped(edges.get(id), groups)])),
  };
}

function grouped(
  leaving: ReadonlyMap<number, CharacterSet> = new Map(),
  groups: readonly number[],
): Map<number, CharacterSet> {
  const all = new Map<number, CharacterSet>();
  for (const [to, set] of leaving) {
    const group = groups[to] ?? 0;
    all.set(group, (all.get(group) ?? CharacterSet.none).or(set));
  }
  return all;
}

/** Takes one state after the other out, and puts what led through it in place. */
function eliminated(languages: Languages, { size, accepting, edges }: Automaton): Language {
  const [start, end] = [size, size + 1];
  const between = new Map<number, Map<number, Language>>();
  const sizes = new Map<Language, number>();
  const add = (from: number, to: number, language: Language): void => {
    const leaving = between.get(from) ?? new Map<number, Language>();
    between.set(from, leaving.set(to, languages.or(leaving.get(to) ?? languages.none, language)));
  };
  for (const [from, leaving] of edges) for (const [to, set] of leaving) add(from, to, languages.set(set));
  for (const state of accepting) add(state, end, languages.empty);
  add(start, 0, languages.empty);
  const left = new Set(Array.from({ length: size }, (_, id) => id));
  while (left.size > 0) {
    const state = lightest(left, between, sizes);
    left.delete(state);
    const loop = languages.times(between.get(state)?.get(state) ?? languages.none, 0, Infinity);
    const leaving = [...(between.get(state) ?? [])].filter(([to]) => to !== state);
    between.delete(state);
    for (const [from, others] of between) {
      const into = others.get(state);
      others.delete(state);
      if (into === undefined) continue;
      for (const [to, out] of leaving) {
        const through = languages.sequence(into, loop, out);
        if (sizeOf(through, sizes) > MAX_SIZE)
          throw new LanguageTooLarge(`it has more than ${MAX_SIZE} parts`);
        add(from, to, through);
      }
    }
  }
  return between.get(start)?.get(end) ?? languages.none;
}

/** The state whose elimination repeats the least. */
function lightest(
  left: ReadonlySet<number>,
  between: ReadonlyMap<number, ReadonlyMap<number, Language>>,
  sizes: Map<Language, number>,
): number {
  let [best, least] = [-1, Infinity];
  const into = new Map<number, { count: number; size: number }>();
  for (const [from, leaving] of between) {
    for (const [to, language] of leaving) {
      if (to === from) continue;
      const sum = into.get(to) ?? { count: 0, size: 0 };
      into.set(to, { count: sum.count + 1, size: sum.size + sizeOf(language, sizes) });
    }
  }
  for (const state of left) {
    const { count, size } = into.get(state) ?? { count: 0, size: 0 };
    const leaving = [...(between.get(state) ?? [])];
    const own = leaving.find(([to]) => to === state);
    const out = leaving.filter(([to]) => to !== state);
    const outSize = out.reduce((sum, [, language]) => sum + sizeOf(language, sizes), 0);
    const loop = own === undefined ? 0 : sizeOf(own[1], sizes);
    const weight = size * out.length + outSize * count + loop * count * out.length;
    if (weight < least) [best, least] = [state, weight];
  }
  return best;
}

/** How many parts it has, as it is written out. */
function sizeOf(language: Language, sizes: Map<Language, number>): number {
  const known = sizes.get(language);
  if (known !== undefined) return known;
  let size = 1;
  if (language.kind === "then") size = sizeOf(language.first, sizes) + sizeOf(language.rest, sizes);
  else if (language.kind === "or") size = language.parts.reduce((sum, part) => sum + sizeOf(part, sizes), 0);
  else if (language.kind === "times") size = sizeOf(language.part, sizes);
  else if (language.kind === "set") size = Math.max(1, language.set.ranges.length);
  sizes.set(language, size);
  return size;
}
