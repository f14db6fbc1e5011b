// The results of run-real-size.mjs as Markdown. Pure: rows in, text out.
import { machineSection, noisySentence, rangeOf, table } from "../shared/report.mjs";
import { median, ratioInterval } from "../shared/statistics.mjs";

/** What ours is held against, by the bits of the weights. */
const PEERS = { 4: "llamaQ4", 8: "llamaQ8" };

/** What is wanted on a CPU with AMX, ours / node-llama-cpp at equal bits. */
const GOALS = [
  { streams: 1, key: "tpotMs", name: "time per token at 1", most: 1 },
  { streams: 1, key: "ttftMs", name: "TTFT at 1", most: 0.4 },
  { streams: 8, key: "tokensPerSecond", name: "tokens/s at 8", least: 3 },
  { streams: 32, key: "tokensPerSecond", name: "tokens/s at 32", least: 5 },
];
/** Of the read bandwidth, at 1. */
const MIN_SHARE = 0.95;

/** @param {readonly object[]} rows as run-real-size.mjs records them, of one run or several on one machine */
export function realSizeSummary(rows) {
  const of = (part) => rows.filter((row) => row.part === part);
  const works = of("work");
  const rounds = of("round").filter(({ trials }) => Object.keys(trials).length > 0);
  const arms = Object.assign({}, ...works.map((work) => work.arms));
  const sections = [
    "# node-llama-cpp and this library on Llama 3.2 1B with random weights",
    machineSection({ ...of("machine")[0], command: "node benchmarks/peers/run-real-size.mjs" }),
    workSection(works[0], rounds),
    ...levelsOf(rounds).map((streams) => levelSection(streams, arms, rounds)),
    goalSection(arms, rounds),
  ];
  return `${sections.join("\n\n")}\n`;
}

function workSection({ promptTokens, newTokens, leastPrompts, versions }, rounds) {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const trials = rounds.flatMap((round) => Object.values(round.trials));
  const speeds = rounds.flatMap((round) => round.bandwidths.map((one) => one.medianBytesPerSecond / 1e9));
  return [
    `- Versions: ${named.join(", ")}`,
    `- ${promptTokens} tokens in, ${newTokens} out; prompts: as many as streams, at least ${leastPrompts}`,
    `- Read bandwidth before and after each round: median ${median(speeds).toFixed(1)} GB/s (${Math.min(...speeds).toFixed(1)} to ${Math.max(...speeds).toFixed(1)})`,
    `- ${rounds.length} rounds, ${trials.length} trials. ${noisySentence(trials.filter(({ noisy }) => noisy).length)}`,
  ].join("\n");
}

function levelsOf(rounds) {
  const all = rounds.flatMap(({ trials }) =>
    Object.values(trials).flatMap(({ levels }) => levels.map(({ streams }) => streams)),
  );
  return [...new Set(all)].sort((a, b) => a - b);
}

function levelIn(round, arm, streams) {
  return round.trials[arm]?.levels.find((level) => level.streams === streams);
}

/** Ratios to the peer of as many bits, of the rounds that have both. */
function ratiosOf(rounds, arm, { bits }, streams, key) {
  return rounds.flatMap((round) => {
    const [ours, theirs] = [arm, PEERS[bits]].map((name) => levelIn(round, name, streams));
    return ours === undefined || theirs === undefined ? [] : [ours[key] / theirs[key]];
  });
}

/** Of the read bandwidth around the round, what the weights take that each token reads. */
function sharesOf(rounds, arm, { bytes }) {
  return rounds.flatMap((round) => {
    const level = levelIn(round, arm, 1);
    const bandwidth = Math.max(...round.bandwidths.map((one) => one.medianBytesPerSecond));
    return level === undefined ? [] : [bytes / (level.tpotMs / 1e3) / bandwidth];
  });
}

function levelSection(streams, arms, rounds) {
  const body = Object.entries(arms).flatMap(([name, arm]) => {
    const measured = rounds
      .map((round) => levelIn(round, name, streams))
      .filter((level) => level !== undefined);
    if (measured.length === 0) return [];
    const middle = (key, digits) => median(measured.map((level) => level[key])).toFixed(digits);
    const ratio = (key) => ratioText(ratiosOf(rounds, name, arm, streams, key));
    const isPeer = name === PEERS[arm.bits];
    return [
      [
        arm.title,
        (arm.bytes / 1e9).toFixed(2),
        middle("tokensPerSecond", 1),
        middle("ttftMs", 0),
        middle("tpotMs", 1),
        ...(streams === 1 ? [`${(100 * median(sharesOf(rounds, name, arm))).toFixed(0)} %`] : []),
        ...["tokensPerSecond", "ttftMs", "tpotMs"].map((key) => (isPeer ? "-" : ratio(key))),
        String(measured.length),
      ],
    ];
  });
  const head = [
    "weights, settings",
    "GB",
    "tokens/s",
    "TTFT, ms",
    "TPOT, ms",
    ...(streams === 1 ? ["of the read bandwidth"] : []),
    "tokens/s / peer's",
    "TTFT / peer's",
    "TPOT / peer's",
    "rounds",
  ];
  return [`## ${streams} at once`, "", table(head, body)].join("\n");
}

function ratioText(ratios) {
  if (ratios.length === 0) return "-";
  const interval = ratioInterval(ratios);
  return ratios.length === 1
    ? interval.mean.toFixed(2)
    : `${interval.mean.toFixed(2)} (${rangeOf(interval, 2)})`;
}

/** The best of ours for each number of bits. */
function goalSection(arms, rounds) {
  const body = Object.keys(PEERS).flatMap((bits) => {
    const ours = Object.entries(arms).filter(
      ([name, arm]) => arm.bits === Number(bits) && !Object.values(PEERS).includes(name),
    );
    const best = (valueOf, isBetter) =>
      ours
        .map(([name, arm]) => ({ title: arm.title, value: valueOf(name, arm) }))
        .filter(({ value }) => !Number.isNaN(value))
        .reduce((a, b) => (a === undefined || isBetter(b.value, a.value) ? b : a), undefined);
    const goals = GOALS.map(({ streams, key, name, most, least }) => {
      const found = best(
        (arm, facts) => meanOf(ratiosOf(rounds, arm, facts, streams, key)),
        (a, b) => (most === undefined ? a > b : a < b),
      );
      const isMet = found !== undefined && (most === undefined ? found.value >= least : found.value <= most);
      return [name, most === undefined ? `at least ${least}` : `at most ${most}`, found, isMet, ""];
    });
    const share = best(
      (arm, facts) => medianOf(sharesOf(rounds, arm, facts)),
      (a, b) => a > b,
    );
    goals.push([
      "share of the read bandwidth at 1",
      `at least ${MIN_SHARE}`,
      share,
      share?.value >= MIN_SHARE,
      "",
    ]);
    return goals.flatMap(([name, wanted, found, isMet]) =>
      found === undefined
        ? []
        : [[`${bits} bits`, name, wanted, found.value.toFixed(2), found.title, isMet ? "yes" : "no"]],
    );
  });
  return [
    "## What is wanted on a CPU with AMX",
    "",
    "Ratios are ours / node-llama-cpp's on a GGUF file of as many bits; of each the best of our rows.",
    "",
    table(["weights", "what", "wanted", "best of ours", "by", "met"], body),
  ].join("\n");
}

function meanOf(ratios) {
  return ratios.length === 0 ? Number.NaN : ratioInterval(ratios).mean;
}

function medianOf(values) {
  return values.length === 0 ? Number.NaN : median(values);
}
