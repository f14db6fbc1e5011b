/** What a rendering may do, counted: the same template and input always end in the same place. */
import { TemplateError } from "./template-error.js";

/** Steps that any rendering may take: expressions, and what they read and write. */
const STEPS = 2_000_000;
/** More of them for each value and each character of the input, so that long chats have theirs. */
const STEPS_PER_VALUE = 200;
const STEPS_PER_CHARACTER = 4;
/** Some templates go through all messages for each one: Gemma 4's. That is allowed for some two thousand. */
const MAX_STEPS_PER_PAIR = 20_000_000;
/** Characters or items that are read or written in one step. */
const SIZE_OF_STEP = 16;
/** Levels of calls, loops and expressions inside one another; Python ends at about a thousand. */
const DEPTH = 300;

/** What an input holds. */
export interface InputSize {
  readonly values: number;
  readonly characters: number;
}

/** Counts the work of one rendering. */
export class Work {
  #left: number;
  #depth = 0;

  constructor({ values, characters }: InputSize) {
    const pairs = Math.min(values ** 2, MAX_STEPS_PER_PAIR);
    this.#left = STEPS + values * STEPS_PER_VALUE + characters * STEPS_PER_CHARACTER + pairs;
  }

  /** One step. @throws TemplateError */
  step(): void {
    if (--this.#left < 0) throw exhausted();
  }

  /** Before `size` characters or items are read or written. @throws TemplateError */
  read(size: number): void {
    this.#left -= 1 + size / SIZE_OF_STEP;
    if (!(this.#left >= 0)) throw exhausted();
  }

  /** A text that is made anyway. @throws TemplateError */
  made(text: string): string {
    this.read(text.length);
    return text;
  }

  /** Runs what is one level deeper. @throws TemplateError */
  deeper<Result>(run: () => Result): Result {
    this.enter();
    try {
      return run();
    } finally {
      this.leave();
    }
  }

  /** @throws TemplateError */
  enter(): void {
    if (++this.#depth > DEPTH) {
      throw new TemplateError(
        "bounds",
        `is nested more than ${DEPTH} levels deep, or calls itself without end`,
      );
    }
  }

  leave(): void {
    this.#depth--;
  }
}

function exhausted(): TemplateError {
  return new TemplateError(
    "bounds",
    "does more work than any chat needs, as one that loops or doubles a text",
  );
}
