// The results as Markdown. Pure: rows in, text out.
import {
  delayTable,
  machineSection,
  noisySentence,
  rangeOf,
  RATIO_HEAD,
  ratioCells,
  table,
  wholeCost,
  withExtremes,
  yesNo,
} from "../shared/report.mjs";
import { median, ratioInterval } from "../shared/statistics.mjs";

/** Microseconds per token that all of ours may take together. */
const COST_GOAL_US = 50;
/** Milliseconds that the 99th percentile of the event-loop delay may lie above that of an idle loop. */
const DELAY_GOAL_MS = 3;

/** What is compared at each level: its name, how it is had, its decimals. */
const COMPARED = [
  ["output tokens/s", ({ tokensPerSecond }) => tokensPerSecond, 1],
  ["TTFT, ms", ({ ttftMs }) => ttftMs, 1],
  ["CPU time of all threads, ms per token", ({ cpuMsPerToken }) => cpuMsPerToken, 2],
  ["peak RSS, MiB", ({ peakRssKiB }) => peakRssKiB / 1024, 0],
];

/** @param {readonly object[]} rows as run.mjs records them */
export function summaryOf(rows) {
  const of = (part) => rows.filter((row) => row.part === part);
  const [work] = of("work");
  const rounds = of("round");
  const sections = {
    ratios: () => ratioSections(rounds, work),
    gain: () => [gainSection(rounds)],
    cost: () => [costSection(rounds)],
    prefix: () => [prefixSection(of("prefix"), work.prefix)],
    "event-loop": () => [`### Event-loop delay, ms\n\n${delayTable(of("event-loop"), DELAY_GOAL_MS)}`],
  };
  const chosen = Object.keys(sections).filter((part) => work.parts.includes(part));
  return `${[machineSection(of("machine")[0]), ...chosen.flatMap((part) => sections[part]())].join("\n\n")}\n`;
}

/** What each round has for a level: the figures of each trial. */
function byLevel(rounds) {
  return rounds[0].trials.ours.levels.map(({ streams }, i) => ({
    streams: String(streams),
    of: (name) => rounds.map(({ trials }) => trials[name].levels[i]),
    same: rounds.map(({ same }) => same?.[i]),
  }));
}

function ratioSections(rounds, { newTokens, promptTokens, requestsPerStream }) {
  const levels = byLevel(rounds);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const sameOutputs = (key) =>
    levels.map(({ streams, same }) => {
      const [alike, all] = [
        sum(same.map((counts) => counts[key])),
        sum(same.map(({ requests }) => requests)),
      ];
      return `${alike} of ${all} at ${streams}`;
    });
  const section = (title, name, same) =>
    [
      `### Against ${title}`,
      "",
      `${rounds.length} triples, requests per stream: ${requestsPerStream}, ${promptTokens.least} to ${promptTokens.most} tokens in, ${newTokens} out; ` +
        `the same ${same}. ${noisySentence(rounds.filter(({ noisy }) => noisy).length)}`,
      "",
      table(
        ["streams", "", ...RATIO_HEAD],
        levels.flatMap(({ streams, of }) =>
          COMPARED.map(([what, figure, digits]) => {
            const theirs = of(name);
            const both = of("ours").map((level, i) => ({ ours: figure(level), theirs: figure(theirs[i]) }));
            return [streams, what, ...ratioCells(both, digits)];
          }),
        ),
      ),
    ].join("\n");
  return [
    section("a loop in C++ without text", "loop", `tokens in ${sameOutputs("tokens").join(", ")}`),
    section(
      "the same loop with a TextStreamer for each request",
      "textLoop",
      `tokens and text in ${sameOutputs("text").join(", ")}`,
    ),
  ];
}

function gainSection(rounds) {
  const alone = rounds.map(({ trials }) => trials.sequential.levels[0].tokensPerSecond);
  const body = byLevel(rounds).map(({ streams, of }) => {
    const batching = of("ours").map((level) => level.tokensPerSecond);
    const gain = ratioInterval(batching.map((rate, i) => rate / alone[i]));
    return [
      streams,
      median(batching).toFixed(1),
      median(alone).toFixed(1),
      gain.mean.toFixed(2),
      rangeOf(gain, 2),
    ];
  });
  return [
    "### Gain over LLMPipeline called one after another",
    "",
    `Output tokens/s, medians of ${rounds.length} rounds.`,
    "",
    table(["streams", "batching", "one after another", "gain", "95 % interval"], body),
  ].join("\n");
}

function costSection(rounds) {
  const body = byLevel(rounds).map(({ streams, of }) => {
    const costs = of("ours").map(({ cost }) => cost);
    const sums = costs.map(wholeCost);
    const loops = (name) =>
      name in rounds[0].trials ? median(of(name).map((level) => level.outsideStepUs)).toFixed(1) : "-";
    return [
      streams,
      ...["workerUs", "jsThreadUs", "nodeThreadsUs"].map((key) =>
        median(costs.map((cost) => cost[key])).toFixed(1),
      ),
      withExtremes(sums, 1),
      yesNo(median(sums) <= COST_GOAL_US),
      loops("loop"),
      loops("textLoop"),
    ];
  });
  return [
    "### CPU time per token outside step(), µs",
    "",
    `Medians of ${rounds.length} trials; in brackets the least and the most.`,
    "",
    table(
      [
        "streams",
        "worker thread",
        "JavaScript thread",
        "Node's helpers",
        "sum",
        `≤ ${COST_GOAL_US}`,
        "the C++ loop's thread",
        "with TextStreamers",
      ],
      body,
    ),
  ].join("\n");
}

function prefixSection(pairs, { common, own, requests }) {
  const later = ([, ...ttftMs]) => median(ttftMs);
  const both = pairs.map(({ on, off }) => ({ ours: later(on), theirs: later(off) }));
  return [
    "### Prefix caching",
    "",
    `TTFT in ms of prompts that share their first ${common} tokens and end in ${own} of their own, one after another: the ` +
      `median of the requests 2 to ${requests}. ${pairs.length} pairs. ${noisySentence(pairs.filter(({ noisy }) => noisy).length)}`,
    "",
    table(
      ["with, median", "without, median", "with / without", "95 % interval", "with is"],
      [ratioCells(both, 1)],
    ),
  ].join("\n");
}
