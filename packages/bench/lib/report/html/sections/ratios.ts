import { figure, NONE, timesText } from "../../report-text.js";
import type { LevelSummary } from "../../../summary/summary.js";
import { publishedDensityRatio, publishedPrecisionRatio } from "../article.js";
import { barsChart, type BarsOptions } from "../charts/bars.js";
import { overConcurrencyChart } from "../charts/over-concurrency.js";
import { chosenLevel } from "../chosen-level.js";
import { figureBox, note, type ReportContext, type Section } from "../context.js";
import { html, type Markup } from "../markup.js";
import { limitText } from "../service-levels.js";
import { pairsOf, ratioTable } from "../ratio-table.js";
import { sharedCaveat, type TargetView } from "../target-view.js";
import { machineText } from "./article.js";

/** INT4 against INT8, and dense models against mixtures of experts. */
export async function ratioSection(context: ReportContext): Promise<Section | null> {
  const { views, summary } = context;
  const { precisionRatios, densityRatios, targets } = summary;
  if (precisionRatios.length === 0 && densityRatios.length === 0) return null;
  const figures = [...(await precisionChart(context)), ...(await densityCharts(context))];
  return {
    id: "ratios",
    title: "Ratios between models",
    content: [
      note(
        html`How many times as fast the first model is: its tokens per second by the second's, or the second's
        time per token by its own. A curve of ratios has the style of the first model. The article's ratios
        are those of Phi-4-mini-instruct beside dense models and of gpt-oss-20b beside mixtures of experts, on
        another machine: ${machineText()}`,
      ),
      html`<div class="charts">${figures}</div>`,
      ratioTable("INT4 to INT8", precisionRatios, views, (ratio) => {
        const published = publishedPrecisionRatio(ratio, targets);
        if (published === null) return NONE;
        const by = published.by === "tpot" ? "by TPOT" : "by throughput";
        return html`${timesText(published.ratio)}<span class="interval">${by}</span>`;
      }),
      ratioTable("Dense to mixture of experts", densityRatios, views, (ratio) =>
        timesText(publishedDensityRatio(ratio, targets)),
      ),
    ],
  };
}

/** By throughput, which every request has. */
async function precisionChart({ summary, views, draw }: ReportContext): Promise<Markup[]> {
  const ratios = summary.precisionRatios.filter(({ byThroughput }) => Number.isFinite(byThroughput));
  const series = pairsOf(ratios).flatMap((own) => {
    const view = views.find(({ label }) => label === own[0]?.first);
    if (view === undefined) return [];
    return [
      {
        style: view.style,
        points: own.map((one) => ({ concurrency: one.concurrency, value: one.byThroughput })),
      },
    ];
  });
  if (series.length === 0) return [];
  const involved = views.filter(({ label }) =>
    ratios.some(({ first, second }) => [first, second].includes(label)),
  );
  const title = "INT4 to INT8, by throughput";
  const caveat = sharedCaveat(involved);
  const description = `${title}${caveat}, over the number of requests at once. The figures are in the table below.`;
  const drawing = await draw(
    overConcurrencyChart({
      id: "precision-ratio",
      description,
      series,
      scale: "linear",
      line: { value: 1, text: "equally fast" },
    }),
  );
  return [figureBox({ title, caveat }, drawing)];
}

async function densityCharts({ summary, views, draw }: ReportContext): Promise<Markup[]> {
  const involved = views
    .filter(({ label }) => summary.densityRatios.some(({ first, second }) => [first, second].includes(label)))
    .sort((a, b) => precisionOf(a).localeCompare(precisionOf(b)) || Number(isMoe(a)) - Number(isMoe(b)));
  const level = chosenLevel(involved.map(({ levels }) => levels.map(({ concurrency }) => concurrency)));
  if (level === null) return [];
  const bars = (pick: (level: LevelSummary) => LevelSummary["outputThroughput"]): BarsOptions["bars"] =>
    involved.flatMap((view) => {
      const own = view.levels.find(({ concurrency }) => concurrency === level);
      if (own === undefined || own.completed === 0) return [];
      const { mean, low, high } = pick(own);
      const name = `${precisionOf(view)} ${isMoe(view) ? "MoE" : "dense"}: ${view.label}`;
      return [{ name, text: figure(mean), value: mean, low, high, style: view.style }];
    });
  const limit = summary.options.serviceLevels.tpotMs;
  const charts = [
    { id: "dense-moe-throughput", what: "tokens/s", bars: bars((one) => one.outputThroughput) },
    {
      id: "dense-moe-tpot",
      what: "TPOT, ms",
      bars: bars((one) => one.meanTpotMs),
      line: limit === undefined ? null : { value: limit, text: `service level ${limitText(limit)}` },
    },
  ];
  const caveat = sharedCaveat(involved);
  const figures: Markup[] = [];
  for (const { what, ...chart } of charts) {
    if (chart.bars.length === 0) continue;
    const title = `Dense and MoE, ${level} at once: ${what}`;
    const description = `${title}${caveat}. ${chart.bars.map(({ name, text }) => `${name} ${text}`).join("; ")}.`;
    figures.push(figureBox({ title, caveat }, await draw(barsChart({ ...chart, description }))));
  }
  return figures;
}

function precisionOf({ facts }: TargetView): string {
  return facts?.files?.precision ?? "";
}

function isMoe({ facts }: TargetView): boolean {
  return facts?.files?.isMoe === true;
}
