// Pairs of trials: this library and a rival on the same prompt, each in a process of its own, one right after the other.
import { loadavg } from "node:os";
import { join } from "node:path";
import { randomNumbers } from "../../scripts/random-numbers.mjs";
import { isNoisy } from "../shared/machine.mjs";
import { randomIds, randomWords } from "../shared/prompts.mjs";
import { findPythonGenai } from "../shared/python-genai.mjs";
import { say } from "../shared/results.mjs";
import { ordersOf } from "../shared/statistics.mjs";
import { cppProgram, runTrial } from "../shared/trial.mjs";

export const PROMPT_TOKENS = 37;
export const NEW_TOKENS = 64;

/**
 * A program to be compared with.
 * @typedef {object} Rival
 * @property {string} name
 * @property {string} [missing] why it cannot run here
 * @property {(random: () => number) => unknown} makePrompt
 * @property {(input: unknown) => unknown} toOurs the prompt as stream() takes it
 * @property {(model: string, warmup: unknown, prompt: unknown) => Promise<object>} trial
 * @property {(trial: object) => unknown} output what both must have generated alike
 * @property {Record<string, (trial: object) => number>} metrics in milliseconds
 */

const tpotOf = ({ arrivedMs }) => (arrivedMs.at(-1) - arrivedMs[0]) / (arrivedMs.length - 1);

/** GenAI from C++ with bare token ids, a streamer that only takes stamps, and the very libraries that we load. */
export async function cppRival() {
  const { program, env } = await cppProgram("genai_loop");
  return {
    name: "C++",
    makePrompt: (random) => randomIds(PROMPT_TOKENS, random),
    toOurs: (tokenIds) => ({ tokenIds }),
    trial: (model, warmup, prompt) =>
      runTrial(program, [model, String(NEW_TOKENS), warmup.join(), prompt.join()], { env }),
    output: ({ tokenIds }) => tokenIds.join(),
    metrics: {
      "TTFT (first token)": ({ arrivedMs }) => arrivedMs[0],
      TPOT: tpotOf,
      "last token": ({ arrivedMs }) => arrivedMs.at(-1),
    },
  };
}

/** Python's openvino_genai of the same version with its text streamer. */
export async function pythonRival(here) {
  const name = "Python";
  const genai = await findPythonGenai();
  if ("missing" in genai) return { name, missing: genai.missing };
  const { python, env } = genai;
  return {
    name,
    makePrompt: (random) => randomWords(PROMPT_TOKENS, random),
    toOurs: (text) => text,
    trial: (model, warmup, prompt) =>
      runTrial(
        python,
        [join(here, "genai_text.py"), JSON.stringify({ model, newTokens: NEW_TOKENS, warmup, prompt })],
        { env },
      ),
    output: ({ text }) => text,
    metrics: {
      "first text": ({ firstTextMs }) => firstTextMs,
      "last text": ({ lastTextMs }) => lastTextMs,
      "TPOT by GenAI's own metrics": ({ genaiTpotMs }) => genaiTpotMs,
      "TTFT by GenAI's own metrics": ({ genaiTtftMs }) => genaiTtftMs,
    },
  };
}

/** Runs the pairs; every pair has a prompt and a warm-up prompt of its own. */
export async function comparePairs({ rival, model, here, pairs, seed, record }) {
  const random = randomNumbers(seed);
  const orders = ordersOf(["ours", "theirs"], pairs, random);
  for (const [pair, order] of orders.entries()) {
    const [warmup, prompt] = [rival.makePrompt(random), rival.makePrompt(random)];
    const ours = () => {
      const trial = {
        model,
        newTokens: NEW_TOKENS,
        warmup: rival.toOurs(warmup),
        prompt: rival.toOurs(prompt),
      };
      return runTrial(process.execPath, [join(here, "ours.mjs"), JSON.stringify(trial)]);
    };
    const trials = { ours, theirs: () => rival.trial(model, warmup, prompt) };
    const row = { part: "pair", rival: rival.name, pair, first: order[0], loadAverage: loadavg()[0] };
    for (const name of order) row[name] = await trials[name]();
    check(row, rival);
    row.noisy = isNoisy(row.ours) || isNoisy(row.theirs);
    row.metrics = Object.entries(rival.metrics).map(([name, of]) => ({
      name,
      ours: of(row.ours),
      theirs: of(row.theirs),
    }));
    await record(row);
    say(lineOf(row, pairs));
  }
}

/** Both must have done the same work. That the texts differ is not an error: the report says how often. */
function check(row, { output }) {
  for (const [name, { promptTokens }] of [
    ["ours", row.ours],
    ["theirs", row.theirs],
  ]) {
    if (promptTokens !== PROMPT_TOKENS) {
      throw new Error(
        `Expected a prompt of ${PROMPT_TOKENS} tokens in the trial of ${name} but it has ${promptTokens}.`,
      );
    }
  }
  row.sameOutput = output(row.ours) === output(row.theirs);
}

function lineOf({ rival, pair, first, metrics, loadAverage, noisy, ours, theirs }, pairs) {
  const figures = metrics
    .slice(0, 2)
    .map(
      ({ name, ours, theirs }) =>
        `${name} ${ours.toFixed(1)} / ${theirs.toFixed(1)} ms (${(ours / theirs).toFixed(3)})`,
    );
  const percent = (part) => `${(100 * part).toFixed(1)} %`;
  const noise = `load ${loadAverage.toFixed(2)}, others ${percent(Math.max(ours.others, theirs.others))}, steal ${percent(Math.max(ours.steal, theirs.steal))}`;
  return `${rival} pair ${pair + 1}/${pairs}, ${first} first: ours/theirs ${figures.join(", ")}; ${noise}${noisy ? " NOISY" : ""}`;
}
