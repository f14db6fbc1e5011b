/** A live comparison as Markdown. Pure. */
import { formatCount, formatFigure, formatSeconds } from "openvino-llm/internal";
import { METRIC_NAMES } from "../compare/compare-markdown.js";
import { markdownTable, ratioText } from "../report/markdown-table.js";
import type { LiveComparison, LiveEnd, LiveFigure, LiveVerdict } from "./live-comparison.js";

const END_TEXTS: Readonly<Record<LiveEnd, string>> = {
  decided: "Every figure was decided.",
  budget: "The time did not suffice to narrow every interval to the threshold; --budget gives more.",
  interrupted: "It was interrupted; what had been measured by then is judged.",
};

/** The whole comparison. The last line is the verdict. */
export function liveMarkdown(comparison: LiveComparison): string {
  const { sides, load, levels, blocks, confidence, thresholdPercent, elapsedMs, end } = comparison;
  const percent = formatFigure(100 * confidence);
  const failures = levels.flatMap(({ concurrency, failed }) =>
    failed.a + failed.b === 0
      ? []
      : [
          `> At ${concurrency} at once ${failed.a} requests of A and ${failed.b} of B failed; no figure has them.`,
          "",
        ],
  );
  const lines = [
    `# ${sides.b.name} beside ${sides.a.name}`,
    "",
    `A: ${sides.a.name}. B: ${sides.b.name}. ${load.inputLength} tokens in, ${load.outputLength} out; ` +
      `${formatCount(blocks, "mirrored block")} (A B B A) in ${formatSeconds(elapsedMs)}` +
      `${comparison.isBothLoaded ? "" : "; memory holds one of them, so each turn was a load"}.`,
    "",
    ...markdownTable(
      ["at once", "", "A", "B", `B / A (${percent} % for all together)`, "verdict"],
      levels.flatMap(({ concurrency, figures }) =>
        figures.map((figure) => [
          String(concurrency),
          METRIC_NAMES[figure.metric],
          formatFigure(figure.a),
          formatFigure(figure.b),
          ratioText(figure.ratio),
          verdictText(figure),
        ]),
      ),
    ),
    "",
    ...failures,
    `${END_TEXTS[end]} A figure is faster or slower where its ratio is beyond ${thresholdPercent} % and its interval ` +
      `leaves out 1; else it is the same within its interval, and alike where that lies within ${thresholdPercent} %.`,
    "",
    verdictLine(comparison),
  ];
  return `${lines.join("\n")}\n`;
}

function verdictText({ verdict, isShownAlike }: LiveFigure): string {
  return isShownAlike ? "same (alike)" : verdict;
}

function verdictLine({ verdict, levels }: LiveComparison): string {
  const all = levels.flatMap(({ figures }) => figures.map((figure) => figure.verdict));
  const order: readonly LiveVerdict[] = ["slower", "faster", "same"];
  const counts = order.flatMap((one) => {
    const count = all.filter((found) => found === one).length;
    return count === 0 ? [] : [`${count} ${one}`];
  });
  return `**${verdict}**: of ${all.length} figures of B ${counts.join(", ")}.`;
}
