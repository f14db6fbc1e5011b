// The results as Markdown. Pure: rows in, text out.
import {
  delayTable,
  groups,
  machineSection,
  noisySentence,
  RATIO_HEAD,
  ratioCells,
  table,
  wholeCost,
  withExtremes,
  yesNo,
} from "../shared/report.mjs";
import { median } from "../shared/statistics.mjs";
import { NEW_TOKENS, PROMPT_TOKENS } from "./pairs.mjs";

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

function costSection(rows) {
  const body = [...groups(rows, (row) => `${row.model} | ${row.mode}`)]
    .filter(([, group]) => group[0].mode !== "message")
    .map(([, group]) => {
      const { model, mode } = group[0];
      const mid = (key) => median(group.map((row) => row[key]));
      const sums = group.map(wholeCost);
      const messages = rows
        .filter((row) => row.model === model && row.mode === "message")
        .map((row) => row.messageUs);
      return [
        model,
        mode === "stream" ? "`for await` over `stream()`" : "`generate()`",
        mid("msPerToken").toFixed(2),
        ...["streamerUs", "workerUs", "jsThreadUs", "nodeThreadsUs"].map((key) => mid(key).toFixed(1)),
        withExtremes(sums, 1),
        yesNo(median(sums) <= COST_GOAL_US),
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
  const blocked = rows.filter((row) => row.blockedMs !== undefined).map((row) => row.blockedMs);
  return [
    "### Event-loop delay, ms",
    "",
    delayTable(
      rows.filter((row) => row.p99Ms !== undefined),
      DELAY_GOAL_MS,
    ),
    "",
    `Opening the libraries, once per process, blocks the loop for ${median(blocked).toFixed(0)} ms (median of ${blocked.length}).`,
  ].join("\n");
}

function pairSection(rival, pairs) {
  const names = pairs[0].metrics.map(({ name }) => name);
  const body = names.map((name) => {
    const both = pairs.map(({ metrics }) => metrics.find((metric) => metric.name === name));
    return [`${name}, ms`, ...ratioCells(both, 1)];
  });
  const memory = pairs.map(({ ours, theirs }) => ({
    ours: ours.peakRssKiB / 1024,
    theirs: theirs.peakRssKiB / 1024,
  }));
  body.push(["peak RSS, MiB", ...ratioCells(memory, 0)]);
  const noisy = pairs.filter((row) => row.noisy).length;
  const same = pairs.filter((row) => row.sameOutput).length;
  return [
    `### Against GenAI from ${rival}`,
    "",
    `${pairs.length} pairs, ${PROMPT_TOKENS} tokens in, ${NEW_TOKENS} out; the same output in ${same}. ` +
      noisySentence(noisy),
    "",
    table(["", ...RATIO_HEAD], body),
  ].join("\n");
}
