/** A search for capacity in words: one line, and Markdown. Pure. */
import { formatCount, formatFigure, formatSeconds } from "openvino-llm/internal";
import type { ServiceLevels } from "../measure/metrics.js";
import { limitsText } from "../report/html/service-levels.js";
import { markdownTable } from "../report/markdown-table.js";
import { NONE, percent } from "../report/report-text.js";
import type { CapacityCurve, CapacityPoint, CapacityReport } from "./capacity-report.js";
import { curvesOf } from "./find-capacity.js";
import type { ShareState } from "./share-test.js";

/** "This machine serves 6 users within 3 s and 100 ms (99 % of the requests, 95 % confidence) …" */
export function capacityLine(report: CapacityReport): string {
  const { share, confidence, users, rate, target } = report;
  const who = target.server === null ? "This machine" : `The server at ${target.server.url}`;
  const within = withinText(report.serviceLevels);
  const sure = `(${percentText(share)} of the requests, ${percentText(confidence)} confidence)`;
  const parts = curvesOf(report).map((curve) => {
    const { kind, highest, open, failing } = curve;
    const verb = kind === "users" ? `serves` : "takes";
    const amount = kind === "users" ? formatCount(highest, "user") : `${highest} requests per second`;
    const most =
      highest > 0
        ? `${verb} ${amount}`
        : `is not shown to ${verb === "serves" ? "serve" : "take"} ${least(curve)}`;
    const more =
      open === null
        ? ""
        : `; ${open} ${kind === "users" ? "looks" : "look"} good and ${kind === "users" ? "is" : "are"} not decided`;
    const end =
      highest === 0 || curve.end === "decided" || failing !== null ? "" : "; more was not shown to fail";
    return `${most}${open === null ? end : more}`;
  });
  const [first = "", second] = parts;
  const arriving = rate === null || second === undefined ? "" : `; in a Poisson process it ${second}`;
  return users.points.length === 0
    ? `Nothing was measured within the time.`
    : `${who} ${first} within ${within} ${sure}${arriving}.`;
}

function least({ kind, points }: CapacityCurve): string {
  const load = points[0]?.load ?? 1;
  return kind === "users" ? formatCount(load, "user") : `${load} requests per second`;
}

/** "3 s and 100 ms". */
export function withinText({ ttftMs, tpotMs, e2elMs }: ServiceLevels): string {
  return [ttftMs, tpotMs, e2elMs]
    .flatMap((ms) =>
      ms === undefined ? [] : [ms >= 1000 ? `${shortText(ms / 1000)} s` : `${shortText(ms)} ms`],
    )
    .join(" and ");
}

function shortText(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 4 });
}

/** What the tables of a curve have, in text. */
export const POINT_HEADS = ["requests", "within", "95 % interval", "requests/s", "shown"] as const;

/** A row of these heads, with the load before and the latencies behind the share. */
export function pointRow(point: CapacityPoint): string[] {
  const { load, requests, good, interval, ttftMs, tpotMs, requestsPerSecond, state } = point;
  return [
    String(load),
    String(requests),
    percent(good / requests),
    `${percent(interval.low)} to ${percent(interval.high)}`,
    ttftMs === null ? NONE : formatFigure(ttftMs),
    tpotMs === null ? NONE : formatFigure(tpotMs),
    formatFigure(requestsPerSecond),
    STATE_TEXTS[state],
  ];
}

/** The heads of {@link pointRow}. */
export function pointHeads(kind: CapacityCurve["kind"], share: number): string[] {
  const [requests, within, interval, rate, shown] = POINT_HEADS;
  const quantile = `p${Number((100 * share).toPrecision(6))}`;
  return [
    kind === "users" ? "users" : "requests/s sent",
    requests,
    within,
    interval,
    `TTFT ${quantile}, ms`,
    `TPOT ${quantile}, ms`,
    rate,
    shown,
  ];
}

const STATE_TEXTS: Readonly<Record<ShareState, string>> = { holds: "kept", fails: "missed", open: NONE };

/** What was asked, in a sentence. */
export function askedText({
  requests,
  share,
  serviceLevels,
  elapsedMs,
  environment,
}: CapacityReport): string {
  const around = requests.rangeRatio === 0 ? "" : ` (both ± ${percentText(requests.rangeRatio)})`;
  const prompts =
    requests.dataset === "random"
      ? `${requests.inputLength} random tokens in`
      : `prompts of ${requests.dataset}`;
  return (
    `${percentText(share)} of the requests are to keep ${limitsText(serviceLevels)}: ${prompts}, ` +
    `${requests.outputLength} tokens out${around}; measured for ${formatSeconds(elapsedMs)} on ` +
    `${environment.cpu.model ?? "an unknown CPU"}.`
  );
}

/** How it is decided. */
export const CAPACITY_RULES =
  "Kept and missed are decided by requests of their own, by Clopper and Pearson's bounds, with the looks and the decided loads sharing an error of 5 % for each of both answers; other loads were looked at on the way. Requests of one run are not independent, which the bounds do not know.";

/** The whole report. */
export function capacityMarkdown(report: CapacityReport): string {
  const sections = curvesOf(report).map(({ kind, points }) => [
    `## ${TITLES[kind]}`,
    "",
    ...markdownTable(pointHeads(kind, report.share), points.map(pointRow)),
    "",
  ]);
  const lines = [
    `# Capacity of ${report.target.label}`,
    "",
    `**${capacityLine(report)}**`,
    "",
    askedText(report),
    "",
    ...sections.flat(),
    CAPACITY_RULES,
  ];
  return `${lines.join("\n")}\n`;
}

/** What the curves are called. */
export const TITLES: Readonly<Record<CapacityCurve["kind"], string>> = {
  users: "Users at once (closed loop)",
  rate: "Requests per second (Poisson process)",
};

/** "99 %", "99.9 %". */
function percentText(part: number): string {
  return `${Number((100 * part).toPrecision(6))} %`;
}
