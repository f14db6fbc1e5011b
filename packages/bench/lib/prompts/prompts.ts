/** Where prompts come from: made of random tokens, or read from a file. */
import { createHash } from "node:crypto";

import type { GenerationInput } from "openvino-llm";
import { seededRandom, shuffledIndexes, type Random } from "../stats/random.js";

/** A prompt that a benchmark sends. */
export interface BenchPrompt {
  /** What is sent. Token ids need no tokeniser on either side and so have exactly the length that was asked for. */
  readonly input: GenerationInput;
  /** Tokens; null where only the engine can count them. */
  readonly length: number | null;
}

/** Gives prompts by their number. The same number gives the same prompt; different numbers give different ones. */
export interface PromptSource {
  /**
   * The prompt of a number.
   *
   * @param index - the prompt's number in the plan, from 0
   * @param length - tokens; a source that has prompts of its own ignores it
   */
  prompt(index: number, length: number): BenchPrompt;
}

/** The tokens that random prompts are made of. */
export interface Vocabulary {
  /** Token ids are below it. */
  readonly size: number;
  /** Ids that stand for no text, such as the end of a sequence. They are left out. */
  readonly specialIds: Iterable<number>;
}

/** Tokens of a cache block in OpenVINO GenAI: prefixes are kept and found again in blocks. */
const BLOCK_SIZE = 32;

/**
 * Prompts as vLLM's random dataset has them: consecutive ids of the vocabulary, without special tokens, from a random
 * offset on. Unlike there, the offsets are drawn without putting back: with two equal offsets among a thousand prompts,
 * which is likely, the second prompt would be answered from the first one's cache. When all offsets are used up, as in a
 * tiny vocabulary, they come again with steps of two, and so on.
 */
export function randomPrompts({ size, specialIds }: Vocabulary, seed: number): PromptSource {
  const special = new Set(specialIds);
  const all = Array.from({ length: size }, (_, id) => id);
  const ids = all.filter((id) => !special.has(id));
  const usable = ids.length === 0 ? all : ids;
  const offsets = shuffledIndexes(usable.length, seededRandom(seed, "offsets"));
  return {
    prompt(index, length) {
      const offset = offsets[index % usable.length] ?? 0;
      const step = 1 + Math.floor(index / usable.length);
      const tokenIds = Array.from(
        { length },
        (_, position) => usable[(offset + position * step) % usable.length] ?? 0,
      );
      return { input: { tokenIds }, length };
    },
  };
}

/** Given prompts in an order that the seed fixes; they come again when all have been used. */
export function givenPrompts(prompts: readonly BenchPrompt[], seed: number): PromptSource {
  const order = shuffledIndexes(prompts.length, seededRandom(seed, "dataset"));
  return {
    prompt(index) {
      const prompt = prompts[order[index % prompts.length] ?? 0];
      if (prompt === undefined) throw new RangeError("Expected at least one prompt but received none.");
      return prompt;
    },
  };
}

/**
 * What a prefix cache would find a prompt by: a hash of its first block of 32 tokens, or of the whole prompt where that is
 * shorter or no token ids. Two prompts of one key may share a cache entry.
 */
export function prefixKey({ input }: BenchPrompt): string {
  const prefix =
    typeof input === "object" && "tokenIds" in input
      ? Array.from(input.tokenIds).slice(0, BLOCK_SIZE)
      : input;
  return createHash("sha256").update(JSON.stringify(prefix)).digest("hex").slice(0, 16);
}

/**
 * A length, as vLLM draws it: uniform between `length * (1 - ratio)`, rounded down, and `length * (1 + ratio)`, rounded up,
 * and at least 1.
 */
export function randomLength(length: number, rangeRatio: number, random: Random): number {
  const low = Math.floor(length * (1 - rangeRatio));
  const high = Math.ceil(length * (1 + rangeRatio));
  return random.integer(Math.max(1, low), Math.max(1, high));
}
