import { figure, NONE } from "../../report-text.js";
import { headlines } from "../../headline.js";
import { note, type ReportContext, type Section } from "../context.js";
import { html } from "../markup.js";
import { limitsText } from "../service-levels.js";
import { nameCell, table, unitHead } from "../table.js";
import { titleIn } from "../target-view.js";

/** A line for each model: how fast, and up to which load within the service levels. */
export function inShortSection({ summary, views }: ReportContext): Section | null {
  const found = headlines(summary);
  if (found.length === 0) return null;
  const limits = limitsText(summary.options.serviceLevels);
  return {
    id: "in-short",
    title: "In short",
    content: [
      limits === "" ? null : note(`Service levels: ${limits}, by the means over all requests.`),
      table({
        name: "In short",
        head: [
          "model",
          ...(limits === "" ? [] : [unitHead("service levels", "kept up to")]),
          unitHead("TTFT", "ms, fewest at once"),
          unitHead("TPOT", "ms, fewest at once"),
          unitHead("most output", "tokens/s"),
        ],
        rows: found.map(({ target, keptUpTo, lowest, fastest }) => [
          nameCell(titleIn(target, views)),
          ...(limits === ""
            ? []
            : [
                keptUpTo === null
                  ? html`<span class="missed">✗ none</span>`
                  : html`<span class="kept">✓ ${keptUpTo} at once</span>`,
              ]),
          atLevel(figure(lowest.meanTtftMs.mean), lowest.concurrency),
          lowest.latencies.tpotMs.n === 0
            ? NONE
            : atLevel(figure(lowest.meanTpotMs.mean), lowest.concurrency),
          atLevel(figure(fastest.outputThroughput.mean), fastest.concurrency),
        ]),
      }),
    ],
  };
}

function atLevel(text: string, concurrency: number) {
  return html`${text}<span class="interval">${concurrency} at once</span>`;
}
