import { percent } from "../../report-text.js";
import type { LevelSummary } from "../../../summary/summary.js";
import { note, type ReportContext, type Section } from "../context.js";
import { html, type Markup } from "../markup.js";
import { limitsText, missedText } from "../service-levels.js";
import { nameCell, table } from "../table.js";

/** Which model keeps the service levels up to which load. */
export function serviceLevelSection({ summary, views }: ReportContext): Section | null {
  const limits = limitsText(summary.options.serviceLevels);
  if (limits === "" || summary.levels.length === 0) return null;
  const levels = summary.options.levels.filter((level) =>
    summary.levels.some(({ concurrency }) => concurrency === level),
  );
  return {
    id: "service-levels",
    title: "Service levels",
    content: [
      note(
        `${limits}. Kept or missed by the means over all requests, as the published article judges; the share is that of the requests that keep every limit.`,
      ),
      table({
        name: "Service levels by model and requests at once",
        head: ["model", ...levels.map((level) => `${level} at once`)],
        textColumns: 1,
        rows: views
          .filter((view) => view.levels.length > 0)
          .map((view) => [
            nameCell(view.title),
            ...levels.map((level) =>
              verdictCell(view.levels.find(({ concurrency }) => concurrency === level)),
            ),
          ]),
      }),
    ],
  };
}

function verdictCell(level: LevelSummary | undefined): Markup {
  if (level === undefined) return html`<span class="muted">not measured</span>`;
  const { met, missed, share } = level.serviceLevels;
  const within = share === null ? null : html`<span class="interval">${percent(share)} within</span>`;
  if (met) return html`<span class="kept">✓ kept</span>${within}`;
  // Without a completed request nothing is beyond a limit, and nothing is kept.
  const what = missedText(missed) || "no request completed";
  return html`<span class="missed">✗ ${what}</span>${within}`;
}
