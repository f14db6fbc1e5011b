// The prompts of one level of streams.
import { randomIds } from "../shared/prompts.mjs";

/** At least so many, so that one stream sends more than one. */
const MIN_REQUESTS = 2;

/** GenAI makes kernels for each new number of tokens in a step. So many prompts of a warm-up are as long as the measured. */
const ALIKE = 8;
/** Those after them are short: their steps are as large as any, and they take less time. */
const SHORT_TOKENS = 8;

/**
 * @typedef {object} Level
 * @property {number} streams
 * @property {number[][]} warmup prompts, as many as there are streams or more
 * @property {number[][]} prompts token ids, no two prompts alike
 */

/**
 * @param {{ streams: number, requestsPerStream: number, promptTokens: { least: number, most: number } }} size
 * @param {() => number} random
 * @returns {Level}
 */
export function drawLevel({ streams, requestsPerStream, promptTokens: { least, most } }, random) {
  const count = Math.max(streams * requestsPerStream, MIN_REQUESTS);
  const lengths = Array.from({ length: count }, () => least + Math.floor(random() * (most - least + 1)));
  const draw = (length) => randomIds(length, random);
  return {
    streams,
    warmup: lengths
      .slice(0, Math.max(streams, MIN_REQUESTS))
      .map((length, i) => draw(i < ALIKE ? length : SHORT_TOKENS)),
    prompts: lengths.map(draw),
  };
}

/**
 * One stream whose prompts begin alike, for prefix caching; those of the warm-up begin alike too, but otherwise.
 * @param {{ common: number, own: number, requests: number }} size lengths in tokens
 * @param {() => number} random
 * @returns {Level}
 */
export function drawCommonPrefix({ common, own, requests }, random) {
  const draw = (count) => {
    const prefix = randomIds(common, random);
    return Array.from({ length: count }, () => [...prefix, ...randomIds(own, random)]);
  };
  return { streams: 1, warmup: draw(2), prompts: draw(requests) };
}
