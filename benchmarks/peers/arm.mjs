// What the trials of all peers in JavaScript have in common: a process of their own that reads its work as JSON from stdin
// and prints what it measured as one JSON object.
import { readFileSync } from "node:fs";
import { cpuSeconds, peakRssKiB, watchDelay } from "../shared/own-process.mjs";

/** Tokens of each answer of a warm-up. */
const WARMUP_TOKENS = 8;

/**
 * An answer as its caller saw it.
 * @typedef {object} Answer
 * @property {number[]} arrivedMs when each piece came, from the call
 * @property {number[]} tokenIds
 *
 * @typedef {object} Arm
 * @property {object} settings what it says of how it runs, for the results
 * @property {(level: { streams: number }) => Promise<void>} [prepare] before a level's warm-up
 * @property {(work: { prompts: number[][], streams: number, newTokens: number }) => Promise<Answer[]>} answer in the order
 *   of the prompts
 * @property {() => Promise<void>} close
 */

/** @param {(work: object) => Promise<Arm>} load */
export async function runArm(load) {
  const work = JSON.parse(readFileSync(0, "utf8"));
  const arm = await load(work);
  try {
    const levels = [];
    for (const level of work.levels) levels.push(await measure(arm, level, work.newTokens));
    const trial = { settings: arm.settings, levels, cpuSeconds: cpuSeconds() };
    process.stdout.write(`${JSON.stringify(trial)}\n`);
  } finally {
    await arm.close();
  }
}

async function measure(arm, { streams, warmup, prompts }, newTokens) {
  await arm.prepare?.({ streams });
  await arm.answer({ prompts: warmup, streams, newTokens: WARMUP_TOKENS });
  const beginMs = performance.now();
  const { value: answers, delay } = await watchDelay(() => arm.answer({ prompts, streams, newTokens }));
  return {
    streams,
    durationMs: performance.now() - beginMs,
    ttftMs: answers.map(({ arrivedMs }) => arrivedMs[0]),
    tpotMs: answers.map(({ arrivedMs }) => (arrivedMs.at(-1) - arrivedMs[0]) / (newTokens - 1)),
    tokenIds: answers.map(({ tokenIds }) => tokenIds),
    delay,
    peakRssKiB: peakRssKiB(),
  };
}

/**
 * A closed loop: each stream sends its next prompt as soon as it has all of the answer before.
 * @param {{ prompts: number[][], streams: number }} work
 * @param {(prompt: number[], stream: number, onToken: (id: number) => void) => Promise<void>} answerOne
 * @returns {Promise<Answer[]>}
 */
export async function closedLoop({ prompts, streams }, answerOne) {
  const answers = [];
  const waiting = prompts.entries(); // one for all streams
  const serve = async (_, stream) => {
    for (const [index, prompt] of waiting) {
      const [arrivedMs, tokenIds] = [[], []];
      const calledMs = performance.now();
      await answerOne(prompt, stream, (id) => {
        arrivedMs.push(performance.now() - calledMs);
        tokenIds.push(id);
      });
      answers[index] = { arrivedMs, tokenIds };
    }
  };
  await Promise.all(Array.from({ length: streams }, serve));
  return answers;
}
