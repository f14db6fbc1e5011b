import { percentile, sortedCopy } from "openvino-llm/internal";
import type { RunRecord } from "../../../measure/records.js";
import { figure, shareText } from "../../report-text.js";
import { gapHistogramChart } from "../charts/gap-histogram.js";
import { stepTimelineChart, timelineHeight } from "../charts/step-timeline.js";
import { figureBox, note, type ReportContext, type Section } from "../context.js";
import { gapBins, type GapBin } from "../histogram.js";
import { html, type Markup, type Part } from "../markup.js";
import { shownRuns } from "../shown-run.js";
import { gapsOf, STALL_FACTOR, stallsOf, type RunGaps } from "../stalls.js";
import { stepGroups, stepsOf, type EngineStep } from "../steps.js";
import { nameCell, repeatedAfter, table, unitHead } from "../table.js";
import type { TargetView } from "../target-view.js";

/** Gaps between tokens, stalls, and the engine's steps. */
export async function insideRunSection(context: ReportContext): Promise<Section | null> {
  const { data, views } = context;
  const gaps = new Map(data.runs.map((run) => [run, gapsOf(run)]));
  const shown: Part[] = [];
  for (const run of shownRuns(data.runs)) {
    const index = views.findIndex(({ label }) => label === run.target);
    const view = views[index];
    const own = gaps.get(run) ?? null;
    if (view !== undefined && own !== null)
      shown.push(await runBlock(context, { view, index, run, gaps: own }));
  }
  if (shown.length === 0) return null;
  return {
    id: "inside-a-run",
    title: "Token by token",
    content: [
      note(
        `A stall is a gap between two tokens of a request that is longer than ${STALL_FACTOR} times the median gap of its run. ` +
          "A step that reads another request's prompt makes one for all that are generating; maxNumBatchedTokens bounds how long it is. " +
          "Of each model one run is shown, of its repeats the one with the median duration. Gaps are counted on logarithmic axes. " +
          "Steps are made out from the stamps of the tokens; a prompt counts in the step that gave its first token. " +
          "Where there are more steps than points, a point is the longest step and the largest batch of its time.",
      ),
      stallTable(context, gaps),
      shown,
    ],
  };
}

function stallTable({ views, data }: ReportContext, gaps: ReadonlyMap<RunRecord, RunGaps | null>): Markup {
  return table({
    name: "Stalls by model and requests at once",
    head: [
      "model",
      "at once",
      "gaps",
      unitHead("median gap", "ms, by repeat"),
      "stalls",
      unitHead("stalls", "of the gaps"),
      unitHead("in stalls", "of the time"),
      unitHead("longest", "ms"),
    ],
    rows: views.flatMap(({ label, title, levels }) =>
      levels.map(({ concurrency }, index) => {
        const own = data.runs
          .filter((run) => run.target === label && run.concurrency === concurrency)
          .map((run) => gaps.get(run) ?? null);
        const found = stallsOf(own);
        return [
          repeatedAfter(index, nameCell(title)),
          concurrency,
          found.gaps,
          own.map((run) => (run === null ? "–" : figure(run.medianMs))).join(", "),
          found.stalls,
          shareText(found.share),
          shareText(found.timeShare),
          figure(found.longestMs),
        ];
      }),
    ),
  });
}

interface ShownRun {
  readonly view: TargetView;
  readonly index: number;
  readonly run: RunRecord;
  readonly gaps: RunGaps;
}

async function runBlock({ draw }: ReportContext, { view, index, run, gaps }: ShownRun): Promise<Markup> {
  const { title, facts } = view;
  const caveat = view.caveat ?? "";
  const bins = gapBins(gaps);
  const name = `${title}, ${run.concurrency} at once, repeat ${run.repeat}`;
  const thresholdText = `stall: over ${figure(gaps.thresholdMs)} ms`;
  const histogramTitle = "Gaps between tokens";
  const histogram =
    bins.length === 0
      ? null
      : figureBox(
          { title: histogramTitle, caveat },
          await draw(
            gapHistogramChart({
              id: `gaps-${index}`,
              description: `${histogramTitle}: ${name}. ${gaps.gapsMs.length} gaps, median ${figure(gaps.medianMs)} ms, ${gaps.stalls} stalls.`,
              bins,
              height: timelineHeight(run.samples.length > 0),
              threshold: { value: gaps.thresholdMs, text: thresholdText },
            }),
          ),
        );
  // Arrivals at a client do not show which tokens a server made together.
  const steps = facts?.stamps === "client" ? [] : stepsOf(run);
  const timeline: Part[] = [];
  for (const isNarrow of steps.length === 0 ? [] : [false, true]) {
    const drawing = await draw(
      stepTimelineChart({
        id: `steps-${index}-${isNarrow ? "narrow" : "wide"}`,
        description: `Steps of the engine over time: ${name}. ${steps.length} steps.`,
        steps,
        samples: run.samples,
        thresholdMs: gaps.thresholdMs,
        isNarrow,
      }),
    );
    timeline.push(html`<div class="${isNarrow ? "narrow" : "wide"}">${drawing}</div>`);
  }
  return html`<h3>${name}</h3>
    <div class="charts top">
      ${histogram}
      ${timeline.length === 0 ? null : html`<div class="span">${figureBox({ title: `${steps.length} steps of the engine`, caveat }, html`${timeline}`)}</div>`}
    </div>
    ${timeline.length === 0 ? note("The steps of a server cannot be seen from its client.") : stepTable(name, steps)}
    ${binTable(name, bins)}`;
}

function stepTable(name: string, steps: readonly EngineStep[]): Markup {
  const reading = steps.filter(({ promptTokens }) => promptTokens > 0);
  const rows = stepGroups(steps).map(({ sequences, steps: own }) => stepRow(String(sequences), own));
  return html`<details>
    <summary>Steps by the size of their batch, as a table</summary>
    ${table({
      name: `Steps of ${name}`,
      head: [
        "requests in the step",
        "steps",
        unitHead("median", "ms"),
        unitHead("p95", "ms"),
        unitHead("longest", "ms"),
        unitHead("generated", "tokens/s"),
      ],
      rows: [...rows, ...(reading.length === 0 ? [] : [stepRow("any, with a prompt read", reading)])],
    })}
  </details>`;
}

function stepRow(name: string, steps: readonly EngineStep[]): Part[] {
  const times = sortedCopy(steps.map(({ stepMs }) => stepMs));
  const totalMs = times.reduce((sum, ms) => sum + ms, 0);
  const tokens = steps.reduce((sum, step) => sum + step.tokens, 0);
  return [
    name,
    steps.length,
    figure(percentile(times, 50)),
    figure(percentile(times, 95)),
    figure(times.at(-1) ?? 0),
    totalMs === 0 ? "–" : figure((tokens / totalMs) * 1000),
  ];
}

function binTable(name: string, bins: readonly GapBin[]): Part {
  const filled = bins.filter(({ count }) => count > 0);
  if (filled.length === 0) return null;
  return html`<details>
    <summary>Gaps between tokens, as a table</summary>
    ${table({
      name: `Gaps of ${name}`,
      head: ["gap, ms", "gaps", "stall"],
      rows: filled.map(({ fromMs, toMs, count, isStall }) => [
        `${figure(fromMs)} to ${figure(toMs)}`,
        count,
        isStall ? "yes" : "",
      ]),
    })}
  </details>`;
}
