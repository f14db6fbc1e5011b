// The results as Markdown. Pure: rows in, text out.
import {
  groups,
  machineSection,
  noisySentence,
  rangeOf,
  table,
  withExtremes,
  yesNo,
} from "../shared/report.mjs";
import { NOISY } from "../shared/machine.mjs";
import { median } from "../shared/statistics.mjs";

/** What the server is to reach. */
const GOALS = { throughputRatio: 0.97, ttftMs: 5 };

/** @param {readonly object[]} rows as speed.mjs records them */
export function summaryOf(rows) {
  const of = (part) => rows.filter((row) => row.part === part);
  const [[machine], [setting]] = [of("machine"), of("setting")];
  const { model, inputLength, outputLength, repeats, tokens, clients } = setting;
  const runs = of("run");
  const failed = runs.reduce((sum, run) => sum + run.failed, 0);
  // The server of a run over HTTP is one of the other programs.
  const isNoisy = ({ target, othersCpuShare, stealShare }) =>
    (!isHttp(target) && (othersCpuShare ?? 0) > NOISY.others) || (stealShare ?? 0) > NOISY.steal;
  return [
    machineSection(machine),
    `- ${model}, ${inputLength} tokens in, ${outputLength} out, ${repeats} repeats in turns; ${failed} requests failed. ` +
      noisySentence(`${runs.filter(isNoisy).length} of ${runs.length} runs`),
    "",
    "HTTP beside in-process, paired within each repeat, with Student's interval over the repeats; client and server share the machine.",
    "",
    table(
      [
        "requests at once",
        "in the process, tokens/s",
        "over HTTP, tokens/s",
        "ratio",
        "95 % interval",
        `≥ ${GOALS.throughputRatio}`,
        "TTFT in the process, ms",
        "TTFT over HTTP minus that, ms",
        "95 % interval",
        "TPOT, µs per token more",
      ],
      of("cost").map((cost) => costRow(cost, runs)),
    ),
    "",
    `At one request the time to first token is to be within ${GOALS.ttftMs} ms.`,
    "",
    `Processor time of the serving process for each streamed token, inference and all, by the chain model: ${clients} streams of ` +
      `${tokens} tokens at once. Median over the repetitions, in brackets the least and the most; µs.`,
    "",
    table(["", "µs per token", "beyond `llm.stream()`"], tokenRows(of("token"))),
    "",
  ].join("\n");
}

function isHttp(target) {
  return target.endsWith("(http)");
}

function costRow({ concurrency, throughputRatio, ttftMs, tpotUs }, runs) {
  const of = (wanted, figure) =>
    median(
      runs
        .filter((run) => run.concurrency === concurrency && isHttp(run.target) === wanted)
        .map((run) => run[figure]),
    );
  return [
    String(concurrency),
    of(false, "outputThroughput").toFixed(1),
    of(true, "outputThroughput").toFixed(1),
    throughputRatio.mean.toFixed(3),
    interval(throughputRatio, 3),
    yesNo(throughputRatio.mean >= GOALS.throughputRatio),
    of(false, "ttftMs").toFixed(1),
    ttftMs.mean.toFixed(1),
    interval(ttftMs, 1),
    tpotUs === null ? "-" : tpotUs.mean.toFixed(0),
  ];
}

/** A single repeat has none. */
function interval({ low, high }, digits) {
  return rangeOf({ low: low ?? NaN, high: high ?? NaN }, digits);
}

function tokenRows(rows) {
  const byWay = [...groups(rows, ({ way }) => way)].map(([way, group]) => ({
    way,
    us: group.toSorted((a, b) => a.repetition - b.repetition).map(({ cpuUs }) => cpuUs),
  }));
  const alone = byWay.find(({ way }) => way.endsWith("alone")).us;
  return byWay.map(({ way, us }) => [
    way,
    withExtremes(us, 1),
    us === alone
      ? "-"
      : withExtremes(
          us.map((one, index) => one - alone[index]),
          1,
        ),
  ]);
}
