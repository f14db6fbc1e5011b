import { html, type Markup } from "./markup.js";
import type { TargetView } from "./target-view.js";

/** Points as Vega's symbols look, around 0. */
const SYMBOLS: Readonly<Record<string, string>> = {
  circle: "M4,0A4,4,0,1,1,-4,0A4,4,0,1,1,4,0Z",
  square: "M-3.6,-3.6h7.2v7.2h-7.2Z",
  "triangle-up": "M0,-4.4L4.4,3.6H-4.4Z",
  "triangle-down": "M0,4.4L4.4,-3.6H-4.4Z",
  diamond: "M0,-5L5,0L0,5L-5,0Z",
  cross: "M-1.6,-4.6H1.6V-1.6H4.6V1.6H1.6V4.6H-1.6V1.6H-4.6V-1.6H-1.6Z",
};

/** Names the curves of all charts, for the same model looks the same in each. */
export function legend(views: readonly TargetView[]): Markup {
  return legendOf(views);
}

/** Names curves. */
export function legendOf(curves: ReadonlyArray<Pick<TargetView, "title" | "style">>): Markup {
  return html`<ul class="legend">
    ${curves.map(
      ({ title, style }) =>
        html`<li>
          <svg viewBox="-17 -7 34 14" width="34" height="14" aria-hidden="true">
            <line
              x1="-16"
              x2="16"
              stroke="${style.color}"
              stroke-width="2"
              stroke-dasharray="${style.dash.join(" ") || "none"}"
            />
            <path d="${SYMBOLS[style.shape] ?? null}" fill="${style.color}" />
          </svg>
          ${title}
        </li>`,
    )}
  </ul>`;
}
