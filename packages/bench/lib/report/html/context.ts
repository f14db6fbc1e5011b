import type { BenchData } from "../../results/bench-data.js";
import type { BenchSummary } from "../../summary/summary.js";
import type { DrawChart } from "./charts/render.js";
import { html, type Markup, type Part } from "./markup.js";
import type { TargetView } from "./target-view.js";

/** What a section is made from. */
export interface ReportContext {
  readonly summary: BenchSummary;
  readonly data: BenchData;
  /** The targets of the plan, in its order. */
  readonly views: readonly TargetView[];
  readonly draw: DrawChart;
}

/** A part of the page with a heading of its own. */
export interface Section {
  /** Where links point to: letters and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly content: Part;
}

/** A drawing with its title, in which `caveat` stands apart, and what must be known to read it. */
export function figureBox(
  {
    title,
    caveat = "",
    note = null,
  }: { readonly title: string; readonly caveat?: string; readonly note?: Part },
  drawing: Markup,
): Markup {
  return html`<figure>
    <figcaption>
      <h3>${title}${caveat === "" ? null : html` <span class="interval">${caveat.trim()}</span>`}</h3>
      ${note === null ? null : html`<p class="note">${note}</p>`}
    </figcaption>
    ${drawing}
  </figure>`;
}

/** Text that explains. */
export function note(text: Part): Markup {
  return html`<p class="note">${text}</p>`;
}
