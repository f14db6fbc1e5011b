import type { Estimate } from "../../stats/statistics.js";
import { figure, NONE, sureness } from "../report-text.js";
import { html, type Markup, type Part } from "./markup.js";

/** A table with heads of rows in its first column. */
export interface TableContent {
  /** Names the box that scrolls, for who cannot see it. */
  readonly name: string;
  readonly head: readonly Part[];
  readonly rows: ReadonlyArray<readonly Part[]>;
  /** Columns of text at the left, that of the heads included; those after them hold figures. Default 1. */
  readonly textColumns?: number;
}

/** A table in a box of its own, which scrolls where the page is narrow. */
export function table({ name, head, rows, textColumns = 1 }: TableContent): Markup {
  const kind = (column: number) => (column < textColumns ? "text" : "figure");
  const cell = (part: Part, column: number) =>
    column === 0
      ? html`<th scope="row" class="text">${part}</th>`
      : html`<td class="${kind(column)}">${part}</td>`;
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${head.map((part, column) => html`<th scope="col" class="${kind(column)}">${part}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A mean with its interval below it, or with the repeats where they are too few for one. */
export function estimateCell(estimate: Estimate): Markup {
  const sure = sureness(estimate);
  return html`${figure(estimate.mean)}${sure === null ? null : html`<span class="interval">${sure}</span>`}`;
}

/** A head with its unit below it. */
export function unitHead(name: string, unit: string): Markup {
  return html`${name}<span class="interval">${unit}</span>`;
}

/** A name, with room enough not to be broken into pieces. */
export function nameCell(name: Part): Markup {
  return html`<span class="name">${name}</span>`;
}

/** A head of several rows: seen in the first one, and read out in the others by screen readers. */
export function repeatedAfter(index: number, head: Part): Part {
  return index === 0 ? head : html`<span class="unseen">${head}</span>`;
}

/** Text where there is some. */
export function orNone(text: string): string {
  return text === "" ? NONE : text;
}
