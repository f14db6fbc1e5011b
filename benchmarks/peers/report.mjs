// The results as Markdown. Pure: rows in, text out.
import { machineSection, noisySentence, rangeOf, table } from "../shared/report.mjs";
import { median, ratioInterval } from "../shared/statistics.mjs";

/** What is compared at each level: its name, its key, its decimals, and what makes a figure of it. */
const COMPARED = [
  ["output tokens/s", "tokensPerSecond", 1],
  ["TTFT, ms", "ttftMs", 0],
  ["TPOT, ms", "tpotMs", 1],
  ["peak RSS, MiB", "peakRssKiB", 0, (kib) => kib / 1024],
  ["event-loop delay p99, ms", "delayP99Ms", 1],
];

/** Which of ours each table of ratios is about. */
const OURS = ["ours", "oursPipeline"];

/** What was expected of output tokens/s, ours / theirs. */
const EXPECTED = [
  { arm: "llama", streams: 1, range: [0.8, 1.25], text: "about equal: 0.8 to 1.25" },
  { arm: "llama", streams: 8, range: [2, Infinity], text: "at least 2" },
  { arm: "llama", streams: 32, range: [3, Infinity], text: "at least 3" },
];

/** @param {readonly object[]} rows as run.mjs records them */
export function summaryOf(rows) {
  const of = (part) => rows.filter((row) => row.part === part);
  const [work] = of("work");
  const rounds = of("round");
  const sections = [
    machineSection(of("machine")[0]),
    workSection(work, rounds),
    ...OURS.filter((ours) => ours in work.titles).map((ours) => ratioSection(ours, work, rounds)),
    expectedSection(work, rounds),
    figuresSection(work, rounds),
  ];
  return `${sections.filter((section) => section !== undefined).join("\n\n")}\n`;
}

function workSection({ levels, promptTokens, newTokens, leastPrompts, versions }, rounds) {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const trials = rounds.flatMap((round) => Object.values(round.trials));
  return [
    `- Versions: ${named.join(", ")}`,
    `- ${rounds.length} rounds at ${levels.join(", ")} streams; ${promptTokens} tokens in, ${newTokens} out; prompts per level: as many as streams, at least ${leastPrompts}`,
    `- ${trials.length} trials. ${noisySentence(trials.filter(({ noisy }) => noisy).length)}`,
  ].join("\n");
}

/** What an arm measured at a level, in each round; undefined where it took no part. */
function levelOf(rounds, arm, streams) {
  return rounds.map(({ trials }) => trials[arm]?.levels.find((level) => level.streams === streams));
}

/** The ratios of the rounds in which both have the figure. */
function ratiosOf(rounds, [ours, theirs], streams, key) {
  const [a, b] = [ours, theirs].map((arm) => levelOf(rounds, arm, streams));
  return a.flatMap((level, i) => {
    const [mine, others] = [level?.[key], b[i]?.[key]];
    return mine === undefined || others === undefined ? [] : [mine / others];
  });
}

function ratioSection(ours, { titles, levels }, rounds) {
  const body = levels.flatMap((streams) =>
    Object.keys(titles)
      .filter((arm) => !OURS.includes(arm))
      .flatMap((arm) => {
        const cells = COMPARED.map(([, key]) => ratioCell(ratiosOf(rounds, [ours, arm], streams, key)));
        return cells.every((cell) => cell === "-") ? [] : [[String(streams), titles[arm], ...cells]];
      }),
  );
  return [
    `### ${titles[ours]} / peers`,
    "",
    "The ratio ours / theirs with its 95 % interval in brackets; bold where the interval leaves out 1. Above 1 is better for tokens/s, below 1 for all others.",
    "",
    table(["streams", "peer", ...COMPARED.map(([name]) => name.replace(/,.*/, ""))], body),
  ].join("\n");
}

function ratioCell(ratios) {
  if (ratios.length === 0) return "-";
  const interval = ratioInterval(ratios);
  const text = `${interval.mean.toFixed(2)} (${rangeOf(interval, 2)})`;
  return interval.low > 1 || interval.high < 1 ? `**${text}**` : text;
}

/** An expectation is met or missed only where the whole interval says so. */
function expectedSection({ titles }, rounds) {
  const body = EXPECTED.flatMap(({ arm, streams, range: [least, most], text }) => {
    const ratios = ratiosOf(rounds, ["ours", arm], streams, "tokensPerSecond");
    if (ratios.length === 0) return [];
    const interval = ratioInterval(ratios);
    const { mean, low, high } = interval;
    const isMet = low >= least && high <= most;
    const isMissed = high < least || low > most;
    const verdict = isMet ? "yes" : isMissed ? "no" : "neither shown";
    return [[titles[arm], String(streams), text, `${mean.toFixed(2)} (${rangeOf(interval, 2)})`, verdict]];
  });
  if (body.length === 0) return undefined;
  return [
    "### What was expected of output tokens/s",
    "",
    table(["peer", "streams", "expected, ours / theirs", "measured", "met"], body),
  ].join("\n");
}

function figuresSection({ titles, levels }, rounds) {
  const body = levels.flatMap((streams) =>
    Object.keys(titles).flatMap((arm) => {
      const measured = levelOf(rounds, arm, streams).filter((level) => level !== undefined);
      if (measured.length === 0) return [];
      const cells = COMPARED.map(([, key, digits, of = (value) => value]) => {
        const values = measured.map((level) => level[key]).filter((value) => value !== undefined);
        return values.length === 0 ? "-" : of(median(values)).toFixed(digits);
      });
      const trials = rounds.map((round) => round.trials[arm]).filter((trial) => trial !== undefined);
      const noisy = trials.filter((trial) => trial.noisy).length;
      return [
        [
          String(streams),
          titles[arm],
          ...cells,
          agreement(rounds, arm, streams),
          `${noisy} of ${trials.length}`,
        ],
      ];
    }),
  );
  return [
    "### Figures",
    "",
    "Medians over the rounds; TTFT and TPOT of a round are means over its requests.",
    "",
    table(["streams", "", ...COMPARED.map(([name]) => name), "first token as ours", "noisy trials"], body),
  ].join("\n");
}

/** In how many answers the first token is the one of our ContinuousBatchingPipeline. */
function agreement(rounds, arm, streams) {
  const [ours, theirs] = ["ours", arm].map((name) => levelOf(rounds, name, streams));
  const pairs = ours.flatMap((level, i) =>
    level === undefined || theirs[i] === undefined
      ? []
      : level.firstIds.map((id, answer) => id === theirs[i].firstIds[answer]),
  );
  return `${pairs.filter(Boolean).length} of ${pairs.length}`;
}
