/** Regular expressions in a time that grows with the text and with the expression, whatever both are. */
import {
  compilePattern,
  type CompiledPattern,
  type PatternMachine,
  type PatternState,
} from "./compile-pattern.js";
import { parsePattern, type PatternPlace } from "./parse-pattern.js";

/** Steps that may still be taken, by everything that shares it. */
export class WorkLimit {
  readonly #steps: number;
  #spent = 0;

  /** @param steps altogether */
  constructor(steps: number) {
    this.#steps = steps;
  }

  /** Steps that were taken. */
  get spent(): number {
    return this.#spent;
  }

  /** @throws {@link TooMuchWork} */
  spend(steps: number): void {
    this.#spent += steps;
    if (this.#spent > this.#steps) throw new TooMuchWork(this.#steps);
  }
}

/** A limit is reached. */
export class TooMuchWork extends Error {
  constructor(steps: number) {
    super(`it takes more than ${steps.toLocaleString("en-US")} steps`);
  }
}

/** A regular expression of JavaScript's with the flag u, without back-references. It says whether, and not where. */
export class LinearPattern {
  readonly #compiled: CompiledPattern;

  /** @throws SyntaxError, UnsupportedPattern */
  constructor(pattern: string) {
    this.#compiled = compilePattern(parsePattern(pattern));
  }

  /**
   * Whether it matches somewhere in the text.
   *
   * @throws {@link TooMuchWork}
   */
  test(text: string, limit: WorkLimit): boolean {
    const run = new Run(Array.from(text), limit);
    for (const look of this.#compiled.looks) run.look(look);
    return run.placesOf(this.#compiled.whole).includes(1);
  }
}

/** An expression on a text. */
class Run {
  readonly #characters: readonly string[];
  readonly #limit: WorkLimit;
  /** For each look-around, the places where it finds something. */
  readonly #looks: Uint8Array[] = [];

  constructor(characters: readonly string[], limit: WorkLimit) {
    this.#characters = characters;
    this.#limit = limit;
  }

  look(machine: PatternMachine): void {
    this.#looks.push(this.placesOf(machine));
  }

  /** Where a machine ends that begins at every place: all ways are gone at the same time, each state once at a place. */
  placesOf({ states, start, isReversed }: PatternMachine): Uint8Array {
    const { length } = this.#characters;
    const ends = new Uint8Array(length + 1);
    const visited = new Int32Array(states.length).fill(-1);
    const standing: number[] = [];
    for (let gone = 0; gone <= length; gone++) {
      const place = isReversed ? length - gone : gone;
      const going: Extract<PatternState, { does: "go" }>[] = [];
      standing.push(start);
      for (let id = standing.pop(); id !== undefined; id = standing.pop()) {
        if (visited[id] === gone) continue;
        visited[id] = gone;
        const state = states[id];
        if (state === undefined) continue;
        if (state.does === "go") going.push(state);
        else if (state.does === "end") ends[place] = 1;
        else if (state.does === "fork") for (const next of state.next) standing.push(next);
        else if (this.#holds(state, place)) standing.push(state.next);
        this.#limit.spend(1);
      }
      const character = this.#characters[isReversed ? place - 1 : place];
      if (character === undefined) break;
      for (const { fits, next } of going) if (fits(character)) standing.push(next);
    }
    return ends;
  }

  #holds(state: Extract<PatternState, { does: "stand" | "look" }>, place: number): boolean {
    if (state.does === "stand") return this.#standsAt(state.place, place);
    return (this.#looks[state.look]?.[place] === 1) !== state.isNegative;
  }

  #standsAt(kind: PatternPlace, place: number): boolean {
    if (kind === "^") return place === 0;
    if (kind === "$") return place === this.#characters.length;
    const isBoundary = this.#isWord(place - 1) !== this.#isWord(place);
    return isBoundary === (kind === "\\b");
  }

  #isWord(index: number): boolean {
    return /^\w$/.test(this.#characters[index] ?? "");
  }
}
