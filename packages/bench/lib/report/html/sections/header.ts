import type { BenchSummary } from "../../../summary/summary.js";
import type { ReportContext } from "../context.js";
import { html, type Markup } from "../markup.js";
import { sharedCaveat, type TargetView } from "../target-view.js";

/** Up to so many models are named in the title. */
const NAMED_MODELS = 3;

/** The title of the page: what was measured, and that weights are random where they are. */
export function reportTitle(views: readonly TargetView[]): string {
  const labels = new Map<string, string>();
  for (const { label, facts } of views) {
    const model = facts?.model ?? label;
    // Variants of a model come behind it.
    if (!labels.has(model)) labels.set(model, label);
  }
  const names = labels.size <= NAMED_MODELS ? [...labels.values()].join(", ") : `${labels.size} models`;
  return `Benchmark of ${names}${sharedCaveat(views)}`;
}

/** The title, what a reader must know before the figures, and what was run. */
export function header({ summary, views }: ReportContext): Markup {
  const { notices, runsLeft } = summary;
  const unfinished = runsLeft === 0 ? [] : [`Not finished: ${runsLeft} runs of the plan are missing.`];
  const failed = summary.selfChecks
    .filter(({ status }) => status === "fail")
    .map(({ name, message }) => `Self-check ${name} failed: ${message}`);
  return html`<header>
    <h1>${reportTitle(views)}</h1>
    ${[...notices, ...failed, ...unfinished].map((text) => html`<p class="notice">${text}</p>`)}
    <p class="lead">${whatWasRun(summary)}</p>
  </header>`;
}

/** One sentence. */
export function whatWasRun({ created, options, environments, planned }: BenchSummary): string {
  const { inputLength, outputLength, rangeRatio, requestRate, burstiness, repeats, levels, dataset } =
    options;
  const around = rangeRatio === 0 ? "" : ` (both ± ${Number((rangeRatio * 100).toFixed(1))} %)`;
  const load =
    requestRate === "inf"
      ? `${listed(levels)} requests at once in a closed loop`
      : `at most ${listed(levels)} requests at once, ${requestRate} arriving per second (burstiness ${burstiness})`;
  const prompts =
    dataset === "random"
      ? `${inputLength} random tokens in and ${outputLength} out${around}`
      : `prompts of ${dataset} in and ${outputLength} tokens out${around}`;
  const cpu = environments.at(-1)?.cpu;
  const machine =
    cpu === undefined
      ? ""
      : `, on ${cpu.model ?? "an unknown CPU"} (${cpu.cores} cores, ${cpu.threads} threads${cpu.isVirtual ? ", a virtual machine" : ""})`;
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  return `${count(planned.length, "target")}, ${load}, ${prompts}, greedy and without an end of sequence, ${count(repeats, "repeat")}${machine}, begun ${dateText(created)}.`;
}

function listed(levels: readonly number[]): string {
  if (levels.length < 2) return levels.join("");
  return `${levels.slice(0, -1).join(", ")} and ${levels.at(-1)}`;
}

function dateText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
