// Prompts of a known number of tokens for SmolLM2, fixed by a seed.

/** Ids of ordinary tokens: SmolLM2 has 49,152, the first 17 of them special. */
const ORDINARY = { from: 100, to: 49_000 };

/** Each is one token of SmolLM2 with the space before it. */
const WORDS = (
  "time year people way day man child world life hand part place case week system program question work government " +
  "number night point home water room mother area money story fact month right study book eye job word business issue " +
  "side kind head house service father power game line end member law car city community name president team kid body " +
  "information back parent face others level office health person art war history result change reason research air"
).split(" ");

/**
 * @param {number} length
 * @param {() => number} random
 * @returns {number[]} token ids
 */
export function randomIds(length, random) {
  return Array.from({ length }, () => ORDINARY.from + Math.floor(random() * (ORDINARY.to - ORDINARY.from)));
}

/**
 * @param {number} length in tokens
 * @param {() => number} random
 * @returns {string} a text that SmolLM2 encodes to that many tokens
 */
export function randomWords(length, random) {
  const words = Array.from({ length: length - 1 }, () => WORDS[Math.floor(random() * WORDS.length)]);
  return ["The", ...words].join(" ");
}
