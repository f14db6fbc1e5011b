/** What `bench` prints, as lines. Pure. */
import {
  kernelLines,
  formatCount,
  formatFigure,
  formatMs,
  formatSeconds,
  formatTable,
  type Style,
} from "openvino-llm/internal";
import { rooflineLines, rooflineShares } from "../report/roofline-text.js";
import { httpCostTable } from "../report/http-cost-text.js";
import type { ProbeResult } from "../run/forecast.js";
import type { BenchPlan } from "../plan/plan.js";
import { estimateRunMs } from "../run/forecast.js";
import type { BenchEvent } from "../run/run-bench.js";
import type { SelfCheck, SelfCheckStatus } from "../summary/self-checks.js";
import type { BenchSummary, LevelSummary, RatioSummary } from "../summary/summary.js";

type EventOf<Type extends BenchEvent["type"]> = Extract<BenchEvent, { type: Type }>;

/** The one line of a terminal that shows where a benchmark is. */
export function progressLine(event: EventOf<"run-started"> | EventOf<"progress">, repeats: number): string {
  const { run, position } = event;
  const ended = event.type === "progress" ? event.ended : 0;
  const rate = event.type === "progress" && event.tokensPerSecond > 0 ? event.tokensPerSecond : null;
  return [
    run.target,
    `concurrency ${run.concurrency}`,
    `repeat ${run.repeat} of ${repeats}`,
    `run ${position.index} of ${position.count}`,
    `${ended}/${run.numPrompts} requests`,
    ...(rate === null ? [] : [`${formatFigure(rate)} tokens/s`]),
    ...(event.remainingMs === null ? [] : [`${formatDuration(event.remainingMs)} left`]),
  ].join("  ");
}

/** What stays of a run: a line. */
export function runLine({ run, metrics, position, remainingMs }: EventOf<"run-finished">): string {
  const failed =
    metrics.failed === 0 ? [] : [`${metrics.failed} of ${metrics.failed + metrics.completed} failed`];
  const left =
    remainingMs === null || position.index === position.count ? [] : [`${formatDuration(remainingMs)} left`];
  return [
    `${run.target}, concurrency ${run.concurrency}, repeat ${run.repeat}: ${formatFigure(metrics.outputThroughput)} tokens/s`,
    `TTFT ${formatMs(metrics.ttftMs.mean)}`,
    `TPOT ${metrics.tpotMs.n === 0 ? "–" : formatMs(metrics.tpotMs.mean)}`,
    ...failed,
    ...left,
  ].join(", ");
}

/** The table of each target, the notices and the self-checks. */
export function summaryLines(summary: BenchSummary, style: Style): string[] {
  const { notices, targets, levels, httpCosts, isaRatios, rooflines, selfChecks, runsLeft } = summary;
  const unfinished =
    runsLeft === 0 ? [] : [`${formatCount(runsLeft, "run")} of the plan left; go on with --resume.`];
  const warnings = [...notices, ...unfinished].map((notice) => style.warning(notice));
  return [
    ...warnings,
    ...(warnings.length === 0 ? [] : [""]),
    ...targets.flatMap(({ label, inference }) => [
      style.strong(label),
      ...levelTable(levels.filter(({ target }) => target === label)),
      ...kernelLines(inference).map((line) => style.faint(`  ${line}`)),
      ...rooflines
        .filter(({ target, unknown }) => target === label && unknown === null)
        .flatMap((roofline) => [...rooflineLines(roofline), ...rooflineShares(roofline.levels)])
        .map((line) => style.faint(`  ${line}`)),
      "",
    ]),
    ...(isaRatios.length === 0
      ? []
      : [
          style.strong("Without a limit of the instruction set, how many times as fast as with one"),
          ...columns(isaTable(isaRatios)),
          "",
        ]),
    ...(httpCosts.length === 0
      ? []
      : [
          style.strong("The cost of HTTP: HTTP minus in-process; throughput: HTTP over in-process"),
          ...columns(httpCostTable(httpCosts)),
          "",
        ]),
    style.strong("Self-checks"),
    ...selfChecks.map((check) => checkLine(check, style)),
  ];
}

/** What is planned, with the time that each level will take, from the probes. */
export function planLines(plan: BenchPlan, probes: readonly ProbeResult[], style: Style): string[] {
  const estimates = plan.runs.map((run) => {
    const probe = probes.find(({ target }) => target === run.target);
    return { run, ms: probe === undefined ? 0 : estimateRunMs(run, plan, probe) };
  });
  const total = estimates.reduce((sum, { ms }) => sum + ms, 0);
  const { inputLength, outputLength, repeats, seed, requestRate } = plan.options;
  const perTarget = plan.targets.flatMap(({ label }) => {
    const rows = estimates
      .filter(({ run }) => run.target === label && run.repeat === 1)
      .map(({ run, ms }) => [
        String(run.concurrency),
        String(run.numPrompts),
        String(run.numWarmups),
        formatDuration(ms * repeats),
      ]);
    const head = ["concurrency", "requests", "warm-up", `time for ${formatCount(repeats, "repeat")}`];
    return [style.strong(label), ...columns([head, ...rows]), ""];
  });
  return [
    ...formatTable([
      ["Lengths", `${inputLength} tokens in, ${outputLength} out`],
      ["Arrival", requestRate === "inf" ? "closed loop" : `${requestRate} requests per second`],
      ["Repeats", String(repeats)],
      ["Seed", String(seed)],
    ]),
    "",
    ...perTarget,
    `About ${formatDuration(total)} for ${formatCount(plan.runs.length, "run")}, loading not counted.`,
  ];
}

/** "45 s", "2 min 10 s", "1 h 5 min". */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What is being loaded. */
export function openingLine({ target }: EventOf<"opening">): string {
  if (target.http) return `Asking the server for ${target.label}`;
  const converted = /\.gguf$/i.test(target.model) ? " (a GGUF file is converted the first time)" : "";
  return `Loading ${target.label}${converted}`;
}

/** What a load took, when it is done. */
export function openedLine({ target, facts }: EventOf<"opened">): string {
  if (facts.engine === "http" && facts.server !== null) {
    const { url, endpoint, prompts, leftOut } = facts.server;
    const refused = leftOut.length === 0 ? "" : `, without ${leftOut.join(", ")} (refused)`;
    return `${target.label}: ${url}, endpoint ${endpoint}, prompts as ${prompts === "tokenIds" ? "token ids" : "text"}${refused}`;
  }
  const load = facts.loadMs === null ? "" : `, loaded in ${formatSeconds(facts.loadMs)}`;
  const precision = facts.files?.precision ?? null;
  return `${target.label}: engine ${facts.engine}${precision === null ? "" : `, weights ${precision}`}${load}`;
}

/** What is being looked at. */
export function profilingLine({ target }: EventOf<"profiling">): string {
  return `Finding out which kernels ran ${target.label}`;
}

function isaTable(ratios: readonly RatioSummary[]): string[][] {
  const times = (ratio: number | null) => (ratio === null ? "–" : `${ratio.toFixed(2)}x`);
  return [
    ["limited to", "concurrency", "throughput", "TPOT"],
    ...ratios.map(({ second, concurrency, byThroughput, byTpot }) => [
      second,
      String(concurrency),
      times(byThroughput),
      times(byTpot),
    ]),
  ];
}

function levelTable(levels: readonly LevelSummary[]): string[] {
  const head = ["concurrency", "tokens/s", "TTFT ms", "TPOT ms", "efficiency", "service levels", "within"];
  const share = (part: number | null) => (part === null ? "–" : `${(part * 100).toFixed(1)} %`);
  const rows = levels.map((level) => [
    String(level.concurrency),
    formatFigure(level.outputThroughput.mean),
    formatFigure(level.meanTtftMs.mean),
    formatFigure(level.meanTpotMs.mean),
    share(level.scalingEfficiency),
    level.serviceLevels.met ? "kept" : "missed",
    share(level.serviceLevels.share),
  ]);
  return columns([head, ...rows]);
}

function checkLine({ name, status, message }: SelfCheck, style: Style): string {
  const mark: Record<SelfCheckStatus, (text: string) => string> = {
    ok: style.good,
    warn: style.warning,
    fail: style.bad,
    "not applicable": style.faint,
  };
  return `  ${mark[status]((status === "not applicable" ? "none" : status).padEnd(4))}  ${name.padEnd(16)}  ${message}`;
}

/** Right-aligned columns, indented by two. */
function columns(rows: ReadonlyArray<readonly string[]>): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) => `  ${row.map((text, column) => text.padStart(widths[column] ?? 0)).join("  ")}`);
}
