// What is compared in each round: this library and GenAI's loop in C++ on the same prompts, each trial in a process of
// its own, one right after the other.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isNoisy } from "../shared/machine.mjs";
import { say } from "../shared/results.mjs";
import { median, ordersOf } from "../shared/statistics.mjs";
import { cppProgram, runTrial } from "../shared/trial.mjs";
import { WARMUP_TOKENS } from "./closed-loop.mjs";
import { drawCommonPrefix, drawLevel } from "./prompts.mjs";

const OURS = join(dirname(fileURLToPath(import.meta.url)), "ours.mjs");

/** Which parts need which trials. */
const ARMS_OF = {
  ratios: ["loop", "textLoop", "ours"],
  gain: ["ours", "sequential"],
  cost: ["ours"],
};

/** The trials by name; each takes what is drawn for a round. */
async function makeArms({ model, newTokens }, names) {
  const ours = (engine, levels) => trialOfOurs({ model, engine, newTokens, levels });
  const arms = {
    ours: ({ levels }) => ours("batching", levels),
    sequential: ({ sequential }) => ours("pipeline", [sequential]),
  };
  if (names.includes("loop")) {
    const { program, env } = await cppProgram("batching_loop");
    const loop = (mode, levels) =>
      runTrial(program, [model, String(newTokens), String(WARMUP_TOKENS), mode], {
        env,
        input: levels.map(linesOf).join(""),
      });
    arms.loop = ({ levels }) => loop("tokens", levels);
    arms.textLoop = ({ levels }) => loop("text", levels);
  }
  return arms;
}

/** Runs the rounds that the parts need; every round has prompts of its own. */
export async function compareRounds({ parts, model, levels, size, rounds, random, record }) {
  const { newTokens, promptTokens, requestsPerStream } = size;
  const names = [...new Set(Object.keys(ARMS_OF).flatMap((part) => (parts.has(part) ? ARMS_OF[part] : [])))];
  const arms = await makeArms({ model, newTokens }, names);
  for (const [round, order] of ordersOf(names, rounds, random).entries()) {
    const draw = (streams) => drawLevel({ streams, requestsPerStream, promptTokens }, random);
    const drawn = { levels: levels.map(draw), sequential: draw(1) };
    const trials = {};
    for (const name of order) trials[name] = await arms[name](drawn);
    const row = { part: "round", round, order, ...summed(trials, newTokens) };
    await record(row);
    say(lineOf(row, rounds));
  }
}

/** Pairs with and without prefix caching. */
export async function comparePrefixCaching({ model, size, pairs, random, record }) {
  for (const [pair, order] of ordersOf([true, false], pairs, random).entries()) {
    const levels = [drawCommonPrefix(size, random)];
    const row = { part: "prefix", pair, first: order[0] ? "on" : "off", noisy: false };
    for (const enablePrefixCaching of order) {
      const scheduler = { enablePrefixCaching };
      const trial = await trialOfOurs({ model, engine: "batching", scheduler, newTokens: 1, levels });
      row[enablePrefixCaching ? "on" : "off"] = trial.levels[0].ttftMs;
      row.noisy ||= isNoisy(trial);
    }
    await record(row);
    const later = ([, ...ttftMs]) => median(ttftMs).toFixed(1);
    say(
      `prefix pair ${pair + 1}/${pairs}: TTFT of the later requests ${later(row.on)} / ${later(row.off)} ms`,
    );
  }
}

function trialOfOurs(parameters) {
  // Some seconds after the load V8 may tidy its memory, once: tens of milliseconds, which would fall into any level.
  return runTrial(process.execPath, ["--no-memory-reducer", OURS], { input: JSON.stringify(parameters) });
}

/** A level as batching_loop.cpp reads it. */
function linesOf({ streams, warmup, prompts }) {
  const lines = (list) => list.map((ids) => `${ids.join()}\n`).join("");
  return `${streams}\n${lines(warmup)}\n${lines(prompts)}\n`;
}

/** What is kept of a round: figures, and whether all did the same work. */
function summed(trials, newTokens) {
  const figures = {};
  for (const [name, { levels, others, steal }] of Object.entries(trials)) {
    figures[name] = { others, steal, levels: levels.map((level) => figuresOf(level, newTokens)) };
  }
  const { ours, loop, textLoop } = trials;
  return {
    noisy: Object.values(trials).some(isNoisy),
    trials: figures,
    same:
      loop &&
      ours.levels.map((level, i) => ({
        requests: level.tokenIds.length,
        tokens: countSame(level, loop.levels[i]),
        text: countSame(level, textLoop.levels[i], "textBytes"),
      })),
  };
}

function figuresOf({ tokenIds, textBytes, durationMs, cpuMs, ttftMs, ...others }, newTokens) {
  if (tokenIds.some(({ length }) => length !== newTokens))
    throw new Error(`Expected answers of ${newTokens} tokens but some are longer or shorter.`);
  const tokens = tokenIds.length * newTokens;
  return {
    ...others,
    tokensPerSecond: (tokens * 1e3) / durationMs,
    cpuMsPerToken: cpuMs / tokens,
    ttftMs: median(ttftMs),
    allTtftMs: ttftMs,
    textBytes: textBytes.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** How many answers have the same tokens, and the same of `also`. */
function countSame(ours, theirs, also) {
  return ours.tokenIds.filter(
    (ids, i) =>
      ids.join() === theirs.tokenIds[i].join() && (also === undefined || ours[also][i] === theirs[also][i]),
  ).length;
}

function lineOf({ round, order, trials, noisy }, rounds) {
  const rates = (name) =>
    `${name} ${trials[name].levels.map((level) => level.tokensPerSecond.toFixed(1)).join(", ")}`;
  return `round ${round + 1}/${rounds}, tokens/s: ${order.map(rates).join("; ")}${noisy ? " NOISY" : ""}`;
}
