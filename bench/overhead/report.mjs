// The results as Markdown. Pure: rows in, text out.
import { NOISY, NEW_TOKENS, PROMPT_TOKENS } from "./pairs.mjs";
import { median, ratioInterval, verdict } from "./statistics.mjs";

/** Microseconds per token that all of ours may take together. */
const COST_GOAL_US = 50;
/** Milliseconds that the 99th percentile of the event-loop delay may lie above that of an idle loop. */
const DELAY_GOAL_MS = 2;

/** @param {readonly object[]} rows as run.mjs records them */
export function summaryOf(rows) {
  const of = (part) => rows.filter((row) => row.part === part);
  const sections = [machineSection(of("machine")[0])];
  if (of("cost").length > 0) sections.push(costSection(of("cost")));
  if (of("event-loop").length > 0) sections.push(eventLoopSection(of("event-loop")));
  for (const [rival, pairs] of groups(of("pair"), (row) => row.rival))
    sections.push(pairSection(rival, pairs));
  return `${sections.join("\n\n")}\n`;
}

function machineSection(machine) {
  const kind = machine.virtual ? "virtual machine, " : "";
  return [
    `- Command: \`${machine.command}\`, ${machine.date}`,
    `- Machine: ${kind}${machine.usableCpus} CPUs of ${machine.cpu} (family ${machine.family}, model ${machine.model}; ${machine.flags.join(", ")}), ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}`,
    `- Load average at the start (1, 5, 15 minutes): ${machine.loadAverage.join(", ")}`,
  ].join("\n");
}

function costSection(rows) {
  const body = [...groups(rows, (row) => `${row.model} | ${row.mode}`)]
    .filter(([, group]) => group[0].mode !== "message")
    .map(([, group]) => {
      const { model, mode } = group[0];
      const mid = (key) => median(group.map((row) => row[key]));
      const sums = group.map((row) => row.streamerUs + row.workerUs + row.jsThreadUs + row.nodeThreadsUs);
      const messages = rows
        .filter((row) => row.model === model && row.mode === "message")
        .map((row) => row.messageUs);
      const total = median(sums);
      return [
        model,
        mode === "stream" ? "`for await` over `stream()`" : "`generate()`",
        mid("msPerToken").toFixed(2),
        ...["streamerUs", "workerUs", "jsThreadUs", "nodeThreadsUs"].map((key) => mid(key).toFixed(1)),
        `${total.toFixed(1)} (${Math.min(...sums).toFixed(1)} to ${Math.max(...sums).toFixed(1)})`,
        total <= COST_GOAL_US ? "yes" : "no",
        messages.length > 0 ? median(messages).toFixed(1) : "-",
        `${mid("deliveryP50Us").toFixed(0)} / ${mid("deliveryP99Us").toFixed(0)}`,
      ];
    });
  return [
    "### CPU time per token outside GenAI, µs",
    "",
    "Medians over the generations of each row, each per token; in brackets the least and the most.",
    "",
    table(
      [
        "model",
        "consumer",
        "ms per token",
        "streamer thread",
        "worker thread",
        "JavaScript thread",
        "Node's helpers",
        "sum",
        `≤ ${COST_GOAL_US}`,
        "a bare message",
        "produced → delivered p50 / p99",
      ],
      body,
    ),
  ].join("\n");
}

function eventLoopSection(rows) {
  const body = [
    ...groups(
      rows.filter((row) => row.p99Ms !== undefined),
      (row) => row.phase,
    ),
  ].map(([phase, group]) => {
    const above = group.map((row) => row.p99Ms - row.idleP99Ms);
    const mid = (key) => median(group.map((row) => row[key])).toFixed(2);
    return [
      phase,
      String(group.length),
      String(Math.min(...group.map((row) => row.n))),
      mid("idleP99Ms"),
      mid("p50Ms"),
      mid("p99Ms"),
      `${median(above).toFixed(2)} (${Math.min(...above).toFixed(2)} to ${Math.max(...above).toFixed(2)})`,
      median(above) <= DELAY_GOAL_MS ? "yes" : "no",
      Math.max(...group.map((row) => row.maxMs)).toFixed(1),
    ];
  });
  const blocked = rows.filter((row) => row.blockedMs !== undefined).map((row) => row.blockedMs);
  return [
    "### Event-loop delay, ms",
    "",
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
        `≤ ${DELAY_GOAL_MS}`,
        "longest",
      ],
      body,
    ),
    "",
    `Opening the libraries, once per process, blocks the loop for ${median(blocked).toFixed(0)} ms (median of ${blocked.length}).`,
  ].join("\n");
}

function pairSection(rival, pairs) {
  const names = pairs[0].metrics.map(({ name }) => name);
  const body = names.map((name) => {
    const both = pairs.map(({ metrics }) => metrics.find((metric) => metric.name === name));
    return ratioRow(`${name}, ms`, both, 1);
  });
  const memory = pairs.map(({ ours, theirs }) => ({
    ours: ours.peakRssKiB / 1024,
    theirs: theirs.peakRssKiB / 1024,
  }));
  body.push(ratioRow("peak RSS, MiB", memory, 0));
  const noisy = pairs.filter((row) => row.noisy).length;
  const same = pairs.filter((row) => row.sameOutput).length;
  return [
    `### Against GenAI from ${rival}`,
    "",
    `${pairs.length} pairs, ${PROMPT_TOKENS} tokens in, ${NEW_TOKENS} out; the same output in ${same}. ` +
      `Noisy (others above ${100 * NOISY.others} % of the CPU time, or steal above ${100 * NOISY.steal} %) and kept: ${noisy}.`,
    "",
    table(["", "ours, median", "theirs, median", "ours / theirs", "95 % interval", "ours is"], body),
  ].join("\n");
}

function ratioRow(name, both, digits) {
  const interval = ratioInterval(both.map(({ ours, theirs }) => ours / theirs));
  return [
    name,
    median(both.map(({ ours }) => ours)).toFixed(digits),
    median(both.map(({ theirs }) => theirs)).toFixed(digits),
    interval.mean.toFixed(3),
    `${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}`,
    verdict(interval),
  ];
}

function table(head, body) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}

/** Rows by key, in the order in which the keys first came. */
function groups(rows, keyOf) {
  const map = new Map();
  for (const row of rows) map.set(keyOf(row), [...(map.get(keyOf(row)) ?? []), row]);
  return map;
}
