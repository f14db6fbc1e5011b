/** A comparison as Markdown. Pure. */
import type { BenchComparison, ComparedMetric, LevelComparison, MetricComparison } from "./comparison.js";
import { pairName, type SettingDifference } from "./compare-settings.js";
import type { OrderTest, Verdict } from "../stats/verdict.js";

const NONE = "–";

/** What people call the figures. */
export const METRIC_NAMES: Readonly<Record<ComparedMetric, string>> = {
  ttftMs: "TTFT, ms",
  tpotMs: "TPOT, ms",
  itlMs: "ITL, ms",
  e2elMs: "E2EL, ms",
  outputThroughput: "output tokens/s",
};

/** The whole comparison: settings that differ come first, for they decide what the figures mean. */
export function comparisonMarkdown(comparison: BenchComparison): string {
  const { created, differences, notices, levels } = comparison;
  const names = [...new Set(levels.map(({ target }) => pairName(target)))];
  const sections = [
    ["# Comparison", "", `A: ${created.a}. B: ${created.b}. Ratios are B / A.`],
    ["## Settings that differ", "", ...differenceLines(differences)],
    ...(notices.length === 0
      ? []
      : [
          notices
            .map((notice) => `> ${notice}`)
            .join("\n>\n")
            .split("\n"),
        ]),
    ...names.map((name) =>
      targetSection(
        name,
        levels.filter(({ target }) => pairName(target) === name),
      ),
    ),
    ["## Verdict", "", verdictLine(comparison)],
    ["## How it is judged", "", ...rules(comparison)],
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function differenceLines(differences: readonly SettingDifference[]): string[] {
  if (differences.length === 0) return ["None."];
  const scopes = { options: "benchmark", environment: "machine", target: "" } as const;
  return table(
    ["of", "setting", "A", "B"],
    differences.map(({ scope, target, name, a, b }) => {
      const [own, other] =
        isTexts(a) && isTexts(b) ? [onlyIn(a, b), onlyIn(b, a)] : [valueText(a), valueText(b)];
      return [target ?? scopes[scope], name === "" ? "all" : name, own, other];
    }),
  );
}

function targetSection(name: string, levels: readonly LevelComparison[]): string[] {
  return [
    `## ${name}`,
    "",
    ...table(
      ["concurrency", "", "A", "B", "B / A", "95 % interval", "p", "adjusted p", "verdict"],
      levels.flatMap(({ concurrency, metrics }) =>
        metrics.map(({ metric, a, b, ratio, test, verdict }) => [
          String(concurrency),
          METRIC_NAMES[metric],
          `${figure(a.mean)} (n ${a.n})`,
          `${figure(b.mean)} (n ${b.n})`,
          ratio.value.toFixed(3),
          intervalText(ratio),
          probability(test.pValue),
          adjustedText(test),
          verdict,
        ]),
      ),
    ),
  ];
}

function intervalText({ low, high }: MetricComparison["ratio"]): string {
  return low === null || high === null ? NONE : `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

function adjustedText({ adjustedPValue, order }: OrderTest): string {
  if (adjustedPValue !== null) return probability(adjustedPValue);
  return order === null ? "too few" : "too few, no overlap";
}

function verdictLine({ verdict, levels }: BenchComparison): string {
  const all = levels.flatMap(({ metrics }) => metrics.map((metric) => metric.verdict));
  const order: readonly Verdict[] = ["slower", "faster", "unclear", "same"];
  const counts = order.flatMap((one) => {
    const count = all.filter((found) => found === one).length;
    return count === 0 ? [] : [`${count} ${one}`];
  });
  return `**${verdict}**: of ${all.length} figures of B ${counts.join(", ")}.`;
}

function rules({ thresholdPercent }: BenchComparison): string[] {
  const limit = 1 + thresholdPercent / 100;
  return [
    `- slower, faster: B / A is beyond ${limit.toFixed(3)} or ${(1 / limit).toFixed(3)} (a threshold of ${thresholdPercent} %), its interval leaves out 1, and the order of the values is shown.`,
    "- same: else, where the whole interval lies within the threshold. unclear: else; more repeats make it narrower.",
    "- Intervals: bootstrap, percentile method; repeats are drawn, then requests in each; repeats alone for a throughput. With three repeats that differ much they are too narrow: then they hold the truth in about nine of ten cases. The gaps between a request's tokens stay together.",
    "- p: two-sided Mann-Whitney test of requests, of repeats for a throughput. The order is shown where p is below 0.05 after Holm's adjustment for all figures here, which is what many comparisons at once ask for: to ask less, compare fewer figures. Requests of one run are not independent, which the test does not know; the interval over repeats does.",
    "- Too few values for the test, such as three repeats on each side: the order is shown where three or more on each side do not overlap at all.",
  ];
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** Of two long lists, such as the flags of a processor, what one of them alone has. */
function onlyIn(own: readonly string[], other: readonly string[]): string {
  const only = own.filter((text) => !other.includes(text));
  return only.length === 0 ? NONE : only.join(" ");
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return NONE;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function figure(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 1000 ? 1 : 0);
}

function probability(p: number): string {
  return p < 0.0001 ? "< 0.0001" : p.toFixed(4);
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
