import { PUBLISHED_SOURCE } from "../../published.js";
import { figure, NONE } from "../../report-text.js";
import { articleRows, isSameModel, type ArticleRow } from "../article.js";
import { note, type ReportContext, type Section } from "../context.js";
import { html, type Markup, type Part } from "../markup.js";
import { nameCell, table, unitHead } from "../table.js";
import { titleIn } from "../target-view.js";

/** What the article measured, beside what was measured here. */
export function articleSection({ summary, views }: ReportContext): Section | null {
  const rows = articleRows(summary);
  if (rows.length === 0) return null;
  const columns = rows.filter((row, index) => rows.findIndex((one) => isSameQuantity(one, row)) === index);
  const { inputLength, outputLength } = summary.options;
  const { workload } = PUBLISHED_SOURCE;
  const isSameLoad = inputLength === workload.inputLength && outputLength === workload.outputLength;
  return {
    id: "article",
    title: "Beside the published article",
    content: [
      note(
        html`Another machine: ${machineText()} A difference is one of machines
        first${isSameLoad ? null : `, and of workloads: ${inputLength} tokens in and ${outputLength} out here, ${workload.inputLength} and ${workload.outputLength} there`}.`,
      ),
      table({
        name: "Measured here and published",
        head: [
          "model",
          ...columns.map(({ quantity, unit, concurrency }) =>
            unitHead(quantity, `${unit}, ${concurrency} at once`),
          ),
        ],
        rows: summary.targets.flatMap((facts) => {
          const own = rows.filter(({ target }) => target === facts.label);
          const [first] = own;
          if (first === undefined) return [];
          const { series } = first;
          const model = `${series.model} ${series.precision}${isSameModel(facts, series) ? "" : ", another model"}`;
          return [
            [
              nameCell(html`${titleIn(facts.label, views)}<span class="interval">article: ${model}</span>`),
              ...columns.map((column) => figureCell(own.find((row) => isSameQuantity(row, column)))),
            ],
          ];
        }),
      }),
    ],
  };
}

/** Ours, and the article's below. */
function figureCell(row: ArticleRow | undefined): Part {
  if (row === undefined) return NONE;
  const { ours, published, isDerived } = row;
  return html`${figure(ours)}<span class="interval"
      >article: ${figure(published)}${isDerived ? ", derived" : null}</span
    >`;
}

function isSameQuantity(a: ArticleRow, b: ArticleRow): boolean {
  return a.quantity === b.quantity && a.concurrency === b.concurrency;
}

/** What the article's figures were measured on, with a link to it. */
export function machineText(): Markup {
  const { title, url, machine, software } = PUBLISHED_SOURCE;
  return html`${machine}; ${software} (<a href="${url}">${title}</a>).`;
}
