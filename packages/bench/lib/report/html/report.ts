/** The report as one HTML file: no network, no script, light and dark, for screens and paper. */
import type { BenchData } from "../../results/bench-data.js";
import { summarize, type BenchSummary } from "../../summary/summary.js";
import { loadRenderer } from "./charts/render.js";
import type { ReportContext, Section } from "./context.js";
import { page } from "./page.js";
import { articleSection } from "./sections/article.js";
import { clientSection, selfCheckSection } from "./sections/checks.js";
import { definitionSection } from "./sections/definitions.js";
import { figureSection } from "./sections/figures.js";
import { header, reportTitle } from "./sections/header.js";
import { httpCostSection } from "./sections/http-cost.js";
import { inShortSection } from "./sections/in-short.js";
import { inferenceSection } from "./sections/inference.js";
import { insideRunSection } from "./sections/inside-run.js";
import { loadChartSection } from "./sections/load-charts.js";
import { ratioSection } from "./sections/ratios.js";
import { instructionSetSection } from "./sections/instruction-sets.js";
import { rooflineSection } from "./sections/roofline.js";
import { serviceLevelSection } from "./sections/service-levels.js";
import { environmentSection, parameterSection } from "./sections/settings.js";
import { targetViews } from "./target-view.js";

/**
 * Makes the report. Takes a second or so: the charts are drawn by libraries that are loaded at the first call.
 *
 * @param summary - of the same data
 * @returns the text of an HTML file
 */
export async function htmlReport(data: BenchData, summary: BenchSummary = summarize(data)): Promise<string> {
  const context: ReportContext = {
    summary,
    data,
    views: targetViews(summary),
    draw: await loadRenderer(),
  };
  const sections: Array<Section | null> = [
    inShortSection(context),
    serviceLevelSection(context),
    await loadChartSection(context),
    figureSection(context),
    await ratioSection(context),
    articleSection(context),
    await insideRunSection(context),
    httpCostSection(context),
    await rooflineSection(context),
    inferenceSection(context),
    instructionSetSection(context),
    selfCheckSection(context),
    clientSection(context),
    parameterSection(context),
    environmentSection(context),
    definitionSection(),
  ];
  return page(
    reportTitle(context.views),
    header(context),
    sections.filter((section) => section !== null),
  );
}
