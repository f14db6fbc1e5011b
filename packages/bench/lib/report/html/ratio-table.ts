import { NONE, timesText } from "../report-text.js";
import type { RatioSummary } from "../../summary/summary.js";
import { html, type Part } from "./markup.js";
import { nameCell, repeatedAfter, table } from "./table.js";
import { titleIn, type TargetView } from "./target-view.js";

/** The ratios of each pair over the levels, and the article's where there is one. */
export function ratioTable(
  title: string,
  ratios: readonly RatioSummary[],
  views: readonly TargetView[],
  published: (ratio: RatioSummary) => Part = () => NONE,
): Part {
  if (ratios.length === 0) return null;
  const levels = [...new Set(ratios.map(({ concurrency }) => concurrency))].sort((a, b) => a - b);
  const kinds: ReadonlyArray<readonly [string, (ratio: RatioSummary) => Part]> = [
    ["by throughput", ({ byThroughput }) => timesText(byThroughput)],
    ["by TPOT", ({ byTpot }) => timesText(byTpot)],
    ["article, another machine", published],
  ];
  return html`<h3>${title}</h3>
    ${table({
      name: title,
      head: ["models", "", ...levels.map((level) => `${level} at once`)],
      textColumns: 2,
      rows: pairsOf(ratios).flatMap((own) =>
        kinds
          .filter(([, pick]) => own.some((ratio) => pick(ratio) !== NONE))
          .map(([name, pick], index) => [
            repeatedAfter(index, pairCell(own, views)),
            nameCell(name),
            ...levels.map((level) => {
              const ratio = own.find(({ concurrency }) => concurrency === level);
              return ratio === undefined ? NONE : pick(ratio);
            }),
          ]),
      ),
    })}`;
}

/** The ratios of each two targets. */
export function pairsOf(ratios: readonly RatioSummary[]): RatioSummary[][] {
  const pairs = new Map<string, RatioSummary[]>();
  for (const ratio of ratios) {
    const key = JSON.stringify([ratio.first, ratio.second]);
    pairs.set(key, [...(pairs.get(key) ?? []), ratio]);
  }
  return [...pairs.values()];
}

function pairCell([ratio]: readonly RatioSummary[], views: readonly TargetView[]): Part {
  if (ratio === undefined) return null;
  const { first, second } = ratio;
  return nameCell(html`${titleIn(first, views)}<span class="interval">to ${titleIn(second, views)}</span>`);
}
