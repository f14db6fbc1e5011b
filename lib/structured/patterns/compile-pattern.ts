/** An expression's tree as a machine of states. */
import {
  UnsupportedPattern,
  type PatternLook,
  type PatternNode,
  type PatternPlace,
} from "./parse-pattern.js";

/** What a machine does where it stands. */
export type PatternState =
  /** Goes over one character. */
  | { readonly does: "go"; readonly fits: (character: string) => boolean; readonly next: number }
  | { readonly does: "fork"; readonly next: number[] }
  | { readonly does: "stand"; readonly place: PatternPlace; readonly next: number }
  | { readonly does: "look"; readonly look: number; readonly isNegative: boolean; readonly next: number }
  | { readonly does: "end" };

/** A machine; it goes backwards where `isReversed`. */
export interface PatternMachine {
  readonly states: readonly PatternState[];
  readonly start: number;
  readonly isReversed: boolean;
}

/** An expression: what it looks for around a place, each after those inside it, and the whole. */
export interface CompiledPattern {
  readonly looks: readonly PatternMachine[];
  readonly whole: PatternMachine;
}

/** States of all machines of an expression. */
const MAX_STATES = 10_000;
/** Characters whose answers one atom keeps. */
const MAX_KNOWN = 512;

/** @throws {@link UnsupportedPattern} for an expression that is too large when its counted repetitions are written out */
export function compilePattern(tree: PatternNode): CompiledPattern {
  return new Compiler().compile(tree);
}

class Compiler {
  readonly #looks: PatternMachine[] = [];
  readonly #atoms = new Map<string, (character: string) => boolean>();
  #left = MAX_STATES;

  compile(tree: PatternNode): CompiledPattern {
    return { whole: this.#machine(tree, false), looks: this.#looks };
  }

  #machine(tree: PatternNode, isReversed: boolean): PatternMachine {
    const states: PatternState[] = [];
    const end = this.#add(states, { does: "end" });
    const start = this.#node(states, tree, end, isReversed);
    return { states, start, isReversed };
  }

  /** @returns where a part begins that goes on at `next` */
  #node(states: PatternState[], node: PatternNode, next: number, isReversed: boolean): number {
    switch (node.kind) {
      case "character":
        return this.#add(states, { does: "go", fits: this.#atom(node.source), next });
      case "place":
        return this.#add(states, { does: "stand", place: node.source, next });
      case "sequence": {
        const last = isReversed ? node.parts : node.parts.toReversed();
        return last.reduce((after, part) => this.#node(states, part, after, isReversed), next);
      }
      case "choice": {
        const options = node.options.map((option) => this.#node(states, option, next, isReversed));
        return this.#add(states, { does: "fork", next: options });
      }
      case "repetition":
        return this.#repetition(states, node, next, isReversed);
      case "look":
        return this.#add(states, { does: "look", ...this.#look(node.part, node), next });
    }
  }

  #repetition(
    states: PatternState[],
    { part, min, max }: Extract<PatternNode, { kind: "repetition" }>,
    next: number,
    isReversed: boolean,
  ): number {
    let entry = next;
    if (max === Infinity) {
      const again: number[] = [next];
      entry = this.#add(states, { does: "fork", next: again });
      again.push(this.#node(states, part, entry, isReversed));
    } else {
      for (let count = min; count < max; count++) {
        const once = this.#node(states, part, entry, isReversed);
        entry = this.#add(states, { does: "fork", next: [once, next] });
      }
    }
    for (let count = 0; count < min; count++) entry = this.#node(states, part, entry, isReversed);
    return entry;
  }

  /** What stands ahead of a place is found backwards from its ends, all places at once; what stands behind, forwards. */
  #look(part: PatternNode, { direction, isNegative }: PatternLook): { look: number; isNegative: boolean } {
    const machine = this.#machine(part, direction === "ahead");
    return { look: this.#looks.push(machine) - 1, isNegative };
  }

  #add(states: PatternState[], state: PatternState): number {
    if (this.#left-- === 0) throw new UnsupportedPattern(`it needs more than ${MAX_STATES} states`);
    return states.push(state) - 1;
  }

  /** JavaScript itself says what an atom matches: one character, so it takes no time. */
  #atom(source: string): (character: string) => boolean {
    const made = this.#atoms.get(source);
    if (made !== undefined) return made;
    // Most are a letter that stands for itself.
    if (/^[^\\[.]$/u.test(source)) return (character) => character === source;
    const expression = new RegExp(`^(?:${source})$`, "u");
    const known = new Map<string, boolean>();
    const fits = (character: string): boolean => {
      const before = known.get(character);
      if (before !== undefined) return before;
      const answer = expression.test(character);
      if (known.size < MAX_KNOWN) known.set(character, answer);
      return answer;
    };
    this.#atoms.set(source, fits);
    return fits;
  }
}
