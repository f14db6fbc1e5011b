// The results as Markdown. Pure: rows in, text out.
import { groups, machineSection, table, withExtremes } from "../shared/report.mjs";
import { median } from "../shared/statistics.mjs";

const METHODS = {
  vocabulary: "ours, from the vocabulary",
  decode: "ours, one decode per step",
  textStreamer: "GenAI's `TextStreamer`",
};

/** @param {readonly object[]} rows as run.mjs records them */
export function summaryOf(rows) {
  const [machine] = rows.filter(({ part }) => part === "machine");
  const [trial] = rows.filter(({ part }) => part === "trial");
  const cells = rows.filter(({ part }) => part === "cell");
  const percent = (part) => `${(100 * part).toFixed(1)} %`;
  const noise = `others took ${percent(trial.others)} of the CPU time, steal was ${percent(trial.steal)}${trial.noisy ? ": noisy" : ""}`;
  return [
    machineSection(machine),
    `- ${trial.model}, ${trial.steps} tokens a stream, ${trial.repetitions} repetitions; ${noise}`,
    "",
    "µs per token as a clock on the wall sees them: median over the repetitions, in brackets the least and the most.",
    "",
    perStreams(cells, (group) => withExtremes(valuesOf(group, "wallUs"), 2)),
    "",
    "CPU time of the whole process, µs per token, likewise.",
    "",
    perStreams(cells, (group) => withExtremes(valuesOf(group, "cpuUs"), 2)),
    "",
    "What all streams together add to one step, ms: the first table's medians times the streams.",
    "",
    perStreams(cells, (group, streams) => ((median(valuesOf(group, "wallUs")) * streams) / 1e3).toFixed(3)),
    "",
  ].join("\n");
}

/** A row for each number of streams, a column for each method. */
function perStreams(cells, cellOf) {
  const byStreams = [...groups(cells, ({ streams }) => streams)].sort(([a], [b]) => a - b);
  const body = byStreams.map(([streams, group]) => [
    String(streams),
    ...Object.keys(METHODS).map((name) => {
      const measured = group.filter(({ method }) => method === name);
      return cellOf(measured, streams);
    }),
  ]);
  return table(["streams", ...Object.values(METHODS)], body);
}

function valuesOf(cells, key) {
  return cells.map((cell) => cell[key]);
}
