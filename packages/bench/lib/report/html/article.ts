/** The published article's figures beside those that were measured. Pure. */
import { PUBLISHED_RATIOS, PUBLISHED_SERIES, type PublishedSeries } from "../published.js";
import type { BenchSummary, LevelSummary, RatioSummary } from "../../summary/summary.js";
import type { TargetFacts } from "../../targets/target-facts.js";

/** A quantity that both have. */
export interface ArticleRow {
  /** Label of the target. */
  readonly target: string;
  readonly quantity: string;
  readonly unit: "tokens/s" | "ms" | "%";
  readonly concurrency: number;
  readonly ours: number;
  readonly published: number;
  /** The article does not print it; it follows from what it prints. */
  readonly isDerived: boolean;
  readonly series: PublishedSeries;
}

/** What of a published level there is in ours. */
interface Quantity {
  readonly quantity: string;
  readonly unit: ArticleRow["unit"];
  readonly concurrency: number;
  readonly ours: (level: LevelSummary) => number | null;
  readonly published: (series: PublishedSeries) => number | null;
  readonly isDerived?: (series: PublishedSeries) => boolean;
}

const percentOf = (part: number | null) => (part === null ? null : 100 * part);

const QUANTITIES: readonly Quantity[] = [
  {
    quantity: "throughput",
    unit: "tokens/s",
    concurrency: 1,
    ours: (level) => level.outputThroughput.mean,
    published: (series) => series.singleThroughput,
    isDerived: (series) => series.isSingleDerived,
  },
  {
    quantity: "throughput",
    unit: "tokens/s",
    concurrency: 8,
    ours: (level) => level.outputThroughput.mean,
    published: ({ atEight }) => atEight.outputThroughput,
  },
  {
    quantity: "TPOT",
    unit: "ms",
    concurrency: 8,
    ours: ({ meanTpotMs, latencies }) => (latencies.tpotMs.n === 0 ? null : meanTpotMs.mean),
    published: ({ atEight }) => atEight.meanTpotMs,
  },
  {
    quantity: "TTFT",
    unit: "ms",
    concurrency: 8,
    ours: (level) => level.meanTtftMs.mean,
    published: ({ atEight }) => atEight.meanTtftMs,
  },
  {
    quantity: "scaling efficiency",
    unit: "%",
    concurrency: 8,
    ours: (level) => percentOf(level.scalingEfficiency),
    published: ({ atEight }) => percentOf(atEight.scalingEfficiency),
  },
  {
    quantity: "scaling efficiency",
    unit: "%",
    concurrency: 32,
    ours: (level) => percentOf(level.scalingEfficiency),
    published: (series) => percentOf(series.efficiencyAtThirtyTwo),
  },
];

/** Every quantity that was both published and measured, in the order of the targets. */
export function articleRows({ targets, levels }: Pick<BenchSummary, "targets" | "levels">): ArticleRow[] {
  return targets.flatMap((facts) => {
    const series = publishedSeriesOf(facts);
    if (series === null) return [];
    return QUANTITIES.flatMap(({ quantity, unit, concurrency, ours, published, isDerived }) => {
      const level = levels.find((one) => one.target === facts.label && one.concurrency === concurrency);
      const [own, other] = [level === undefined ? null : ours(level), published(series)];
      if (own === null || other === null || level?.completed === 0) return [];
      return [
        {
          target: facts.label,
          quantity,
          unit,
          concurrency,
          ours: own,
          published: other,
          isDerived: isDerived?.(series) ?? false,
          series,
        },
      ];
    });
  });
}

/** The published series of the same kind: dense or mixture of experts, at the same precision. Null where there is none. */
export function publishedSeriesOf({ files }: Pick<TargetFacts, "files">): PublishedSeries | null {
  return (
    PUBLISHED_SERIES.find(
      ({ precision, isMoe }) => precision === files?.precision && isMoe === files.isMoe,
    ) ?? null
  );
}

/** Whether the target is the model of the series, by its name. */
export function isSameModel(
  { label, model }: Pick<TargetFacts, "label" | "model">,
  { model: published }: PublishedSeries,
): boolean {
  const letters = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const name = letters(published.replace("-instruct", ""));
  return letters(label).includes(name) || letters(model).includes(name);
}

/** The article's ratio of INT4 to INT8 for a pair of that kind at a level; null where it has none. */
export function publishedPrecisionRatio(
  { first, concurrency }: Pick<RatioSummary, "first" | "concurrency">,
  targets: readonly TargetFacts[],
): { readonly ratio: number; readonly by: "tpot" | "throughput"; readonly model: string } | null {
  const facts = targets.find(({ label }) => label === first);
  const series = facts === undefined ? null : publishedSeriesOf(facts);
  const found = PUBLISHED_RATIOS.int4ToInt8.find(
    (one) => one.model === series?.model && one.concurrency === concurrency,
  );
  return found ?? null;
}

/** The article's ratio of dense to mixture of experts for a pair at a level; null where it has none. */
export function publishedDensityRatio(
  { first, concurrency }: Pick<RatioSummary, "first" | "concurrency">,
  targets: readonly TargetFacts[],
): number | null {
  if (concurrency !== 8) return null;
  const precision = targets.find(({ label }) => label === first)?.files?.precision;
  return PUBLISHED_RATIOS.denseToMoe.find((one) => one.precision === precision)?.ratio ?? null;
}
