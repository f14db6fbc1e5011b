// A closed loop: each stream sends its next prompt as soon as it has all of the answer before.

/** Tokens of each answer of a warm-up. */
export const WARMUP_TOKENS = 8;

/**
 * @param {import("../../dist/index.js").TextGenerator} llm
 * @param {{ prompts: number[][], streams: number, newTokens: number }} work
 * @returns {Promise<{ durationMs: number, answers: Array<{ ttftMs: number, text: string, tokenIds: number[] }> }>} from the
 *   first call to the last answer; answers in the order of their prompts. `ttftMs`: call → first chunk in the caller's hands
 */
export async function closedLoop(llm, { prompts, streams, newTokens }) {
  const options = { maxNewTokens: newTokens, ignoreEos: true, temperature: 0 };
  const answers = [];
  const waiting = prompts.entries(); // one for all streams
  const serve = async () => {
    for (const [index, tokenIds] of waiting) {
      const calledMs = performance.now();
      const stream = llm.stream({ tokenIds }, options);
      let [ttftMs, text] = [NaN, ""];
      for await (const chunk of stream) {
        if (chunk.index === 0) ttftMs = performance.now() - calledMs;
        text += chunk.text;
      }
      answers[index] = { ttftMs, text, tokenIds: (await stream.result).tokenIds };
    }
  };
  const beginMs = performance.now();
  await Promise.all(Array.from({ length: streams }, serve));
  return { durationMs: performance.now() - beginMs, answers };
}
