// Rounds of trials: what every arm of a round is given, and the figures of what it measured.
import { isNoisy } from "../shared/machine.mjs";
import { randomIds } from "../shared/prompts.mjs";
import { say } from "../shared/results.mjs";

/** The warm-up is the same work on other prompts, so that every shape has its kernels. */
export function drawLevel({ streams, leastPrompts, promptTokens, random }) {
  const draw = () =>
    Array.from({ length: Math.max(streams, leastPrompts) }, () => randomIds(promptTokens, random));
  return { streams, warmup: draw(), prompts: draw() };
}

/** One trial of an arm, its figures shown. One that fails is missing in this round, and the others go on. */
export async function runArm({ name, title, levels: own, trial }, drawn, newTokens) {
  const chosen = drawn.filter(({ streams }) => own === undefined || own.includes(streams));
  if (chosen.length === 0) return undefined;
  const beganMs = performance.now();
  const measured = trial(chosen).then((result) => figuresOf(result, newTokens));
  const figures = await measured.catch((error) => {
    say(`${title}: failed. ${error.stderr ?? ""}${error.stack}`);
  });
  if (figures === undefined) return undefined;
  const rates = figures.levels.map(
    ({ streams, tokensPerSecond }) => `${streams}: ${tokensPerSecond.toFixed(1)}`,
  );
  const seconds = (performance.now() - beganMs) / 1e3;
  say(`${name}, tokens/s ${rates.join(", ")} (${seconds.toFixed(0)} s)${figures.noisy ? " NOISY" : ""}`);
  return figures;
}

function figuresOf(trial, newTokens) {
  const { others, steal, settings } = trial;
  return { others, steal, noisy: isNoisy(trial), settings, levels: trial.levels.map(levelFigures) };

  function levelFigures({ streams, durationMs, ttftMs, tpotMs, tokenIds, delay, peakRssKiB }) {
    if (tokenIds.some(({ length }) => length !== newTokens))
      throw new Error(`Expected answers of ${newTokens} tokens but some are longer or shorter.`);
    return {
      streams,
      tokensPerSecond: (tokenIds.length * newTokens * 1e3) / durationMs,
      ttftMs: meanOf(ttftMs),
      tpotMs: meanOf(tpotMs),
      peakRssKiB,
      delayP99Ms: delay?.p99Ms,
      firstIds: tokenIds.map(([id]) => id),
    };
  }
}

function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
