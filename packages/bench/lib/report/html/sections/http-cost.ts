import { NONE } from "../../report-text.js";
import { note, type ReportContext, type Section } from "../context.js";
import { titleIn } from "../target-view.js";
import { estimateCell, nameCell, table, unitHead } from "../table.js";

/** What a server costs beside the same model in the process. */
export function httpCostSection({ summary, views }: ReportContext): Section | null {
  // Summaries of older versions have none.
  const costs = summary.httpCosts ?? [];
  if (costs.length === 0) return null;
  return {
    id: "http-cost",
    title: "HTTP minus in-process",
    content: [
      note(
        "Within each repeat, both by the times at which tokens arrived at the client; the interval is that of the repeats.",
      ),
      table({
        name: "HTTP minus in-process",
        head: [
          "over HTTP",
          "in the process",
          "at once",
          "repeats",
          unitHead("per token", "µs more"),
          unitHead("TTFT", "ms more"),
          unitHead("throughput", "HTTP / in-process"),
        ],
        textColumns: 2,
        rows: costs.map(({ http, inProcess, concurrency, repeats, tpotUs, ttftMs, throughputRatio }) => [
          nameCell(titleIn(http, views)),
          nameCell(titleIn(inProcess, views)),
          concurrency,
          repeats,
          tpotUs === null ? NONE : estimateCell(tpotUs),
          estimateCell(ttftMs),
          estimateCell(throughputRatio),
        ]),
      }),
    ],
  };
}
