/** What a report calls a target, and how its curves look. Pure. */
import { caveatOf, titleOf } from "../report-text.js";
import { familyOf } from "../../stats/scaling.js";
import type { BenchSummary, LevelSummary } from "../../summary/summary.js";
import type { TargetFacts } from "../../targets/target-facts.js";

/** How a curve is distinguished from others: by colour, by dashes and by the shape of its points. */
export interface SeriesStyle {
  /** A variable of the page's style sheet, so that one drawing serves light, dark and print. */
  readonly color: string;
  readonly dash: readonly number[];
  /** As Vega names it. */
  readonly shape: string;
}

/** A target with all that is shown of it. */
export interface TargetView {
  readonly label: string;
  /** The label, with what must be known wherever it is read: "phi-int4 (random weights)". */
  readonly title: string;
  /** What must be known; null where there is nothing. */
  readonly caveat: string | null;
  readonly style: SeriesStyle;
  /** Null where it was never loaded. */
  readonly facts: TargetFacts | null;
  readonly levels: readonly LevelSummary[];
}

const COLORS = 8;
const DASHES: ReadonlyArray<readonly number[]> = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
const SHAPES = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross"] as const;

/** All targets of the plan, in its order. */
export function targetViews({ planned, targets, levels }: BenchSummary): TargetView[] {
  const styles = seriesStyles(planned.map(({ label }) => label));
  return planned.map(({ label }, index) => {
    const facts = targets.find((one) => one.label === label) ?? null;
    const manifest = facts?.files?.manifest ?? null;
    return {
      label,
      title: titleOf(label, manifest),
      caveat: caveatOf(manifest),
      style: styles[index] ?? styleOf(index, index),
      facts,
      levels: levels.filter(({ target }) => target === label),
    };
  });
}

/** The title of the target with a label. */
export function titleIn(label: string, views: readonly TargetView[]): string {
  return views.find((view) => view.label === label)?.title ?? label;
}

/** A colour for each model, dashes and points for its precisions; a colour for each where models have many forms. */
export function seriesStyles(labels: readonly string[]): SeriesStyle[] {
  const families = labels.map(familyOf);
  const colors = [...new Set(families)];
  const variants = families.map(
    (family, index) => families.slice(0, index).filter((one) => one === family).length,
  );
  const isCrowded = variants.some((variant) => variant >= 2);
  return labels.map((_, index) =>
    isCrowded
      ? styleOf(index, index)
      : styleOf(colors.indexOf(families[index] ?? ""), variants[index] ?? 0, index),
  );
}

/** For the title of what shows several targets: nothing, the caveat that all share, or that some have one. */
export function sharedCaveat(views: ReadonlyArray<Pick<TargetView, "caveat">>): string {
  const found = new Set(views.map(({ caveat }) => caveat));
  const [first] = found;
  if (found.size <= 1) return first === null || first === undefined ? "" : ` (${first})`;
  const all = [...found].filter((caveat) => caveat !== null);
  return found.has(null) ? ` (in part ${all.join("; ")})` : ` (${all.join("; ")})`;
}

function styleOf(color: number, variant: number, shape = variant): SeriesStyle {
  return {
    color: `var(--series-${(color % COLORS) + 1})`,
    dash: DASHES[variant % DASHES.length] ?? [],
    shape: SHAPES[shape % SHAPES.length] ?? "circle",
  };
}
