// Parts of a report in Markdown. Pure: rows in, text out.
import { NOISY } from "./machine.mjs";
import { median, ratioInterval, verdict } from "./statistics.mjs";

export function machineSection(machine) {
  const kind = machine.virtual ? "virtual machine, " : "";
  return [
    `- Command: \`${machine.command}\`, ${machine.date}`,
    `- Machine: ${kind}${machine.usableCpus} CPUs of ${machine.cpu} (family ${machine.family}, model ${machine.model}; ${machine.flags.join(", ")}), ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}`,
    `- Load average at the start (1, 5, 15 minutes): ${machine.loadAverage.join(", ")}`,
  ].join("\n");
}

/** The line that says how many of what was compared were noisy. */
export function noisySentence(noisy) {
  return `Noisy (others above ${100 * NOISY.others} % of the CPU time, or steal above ${100 * NOISY.steal} %) and kept: ${noisy}.`;
}

export const RATIO_HEAD = ["ours, median", "theirs, median", "ours / theirs", "95 % interval", "ours is"];

/** Cells under RATIO_HEAD. */
export function ratioCells(both, digits) {
  const interval = ratioInterval(both.map(({ ours, theirs }) => ours / theirs));
  return [
    median(both.map(({ ours }) => ours)).toFixed(digits),
    median(both.map(({ theirs }) => theirs)).toFixed(digits),
    interval.mean.toFixed(3),
    rangeOf(interval, 3),
    verdict(interval),
  ];
}

/** The interval, where there is one. */
export function rangeOf({ low, high }, digits) {
  return Number.isNaN(low) ? "-" : `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
}

/** Median with the least and the most in brackets. */
export function withExtremes(values, digits) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}

/** Windows of work, each with the idle window before it, by phase. */
export function delayTable(rows, goalMs) {
  const body = [...groups(rows, (row) => row.phase)].map(([phase, group]) => {
    const above = group.map((row) => row.p99Ms - row.idleP99Ms);
    const mid = (key) => median(group.map((row) => row[key])).toFixed(2);
    return [
      phase,
      String(group.length),
      String(Math.min(...group.map((row) => row.n))),
      mid("idleP99Ms"),
      mid("p50Ms"),
      mid("p99Ms"),
      withExtremes(above, 2),
      yesNo(median(above) <= goalMs),
      Math.max(...group.map((row) => row.maxMs)).toFixed(1),
    ];
  });
  return [
    "Medians over windows; 1.0 of each delay is the timer's own period.",
    "",
    table(
      [
        "phase",
        "windows",
        "least samples",
        "idle p99",
        "p50",
        "p99",
        "p99 above idle",
        `≤ ${goalMs}`,
        "longest",
      ],
      body,
    ),
  ].join("\n");
}

/** Microseconds per token of all parts of costPerToken() together. */
export function wholeCost({ streamerUs, workerUs, jsThreadUs, nodeThreadsUs }) {
  return streamerUs + workerUs + jsThreadUs + nodeThreadsUs;
}

export function yesNo(holds) {
  return holds ? "yes" : "no";
}

export function table(head, body) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}

/** Rows by key, in the order in which the keys first came. */
export function groups(rows, keyOf) {
  const map = new Map();
  for (const row of rows) map.set(keyOf(row), [...(map.get(keyOf(row)) ?? []), row]);
  return map;
}
