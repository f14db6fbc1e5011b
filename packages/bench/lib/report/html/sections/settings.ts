import type { PlanTarget } from "../../../plan/plan.js";
import type { ReportContext, Section } from "../context.js";
import { flatten, type FlatField } from "../flatten.js";
import { html, type Markup, type Part } from "../markup.js";
import { orNone, table } from "../table.js";
import type { TargetView } from "../target-view.js";

/** Every parameter of the plan and of the models. */
export function parameterSection({ summary, data, views }: ReportContext): Section {
  const { options, planned } = summary;
  const planFields: FlatField[] = [
    ...flatten(options),
    ["runs planned", String(data.plan.runs.length)],
    ["runs finished", String(data.runs.length)],
    ["begun", summary.created],
  ];
  const columnsOf = (fields: (view: TargetView) => FlatField[]) =>
    views.map((view) => ({ title: view.title, fields: fields(view) }));
  return {
    id: "parameters",
    title: "Parameters",
    content: [
      foldedColumns("Plan", [{ title: "value", fields: planFields }]),
      foldedColumns(
        "Models",
        columnsOf((view) => targetFields(view, planned)),
      ),
      foldedColumns(
        "Generation configs",
        columnsOf(({ facts }) => flattenPart(facts?.generationConfig)),
      ),
      foldedColumns(
        "Manifests",
        columnsOf(({ facts }) => flattenPart(facts?.files?.manifest)),
      ),
    ],
  };
}

function targetFields({ label, facts }: TargetView, planned: readonly PlanTarget[]): FlatField[] {
  const { label: _planned, ...target } = planned.find((one) => one.label === label) ?? { label };
  if (facts === null) return [...flatten(target), ["loaded", "no"]];
  const { label: _label, model: _model, generationConfig: _config, files, ...others } = facts;
  const { manifest, ...ofFiles } = files ?? { manifest: null };
  // What really ran and the machine's limits have sections of their own.
  const fields = flatten(others).filter(([path]) => !/^(?:inference|limits)(?:\.|$)/.test(path));
  const quality = manifest?.["quality"] ?? null;
  return [
    ...flatten(target),
    ...fields,
    ...(files === null ? [] : flatten(ofFiles, "files")),
    ...(quality === null ? [] : flatten(quality, "quality")),
  ];
}

function flattenPart(value: unknown): FlatField[] {
  return value === null || value === undefined ? [] : flatten(value);
}

/** The machine and its software, each time that the benchmark was begun or resumed. */
export function environmentSection({ summary: { environments } }: ReportContext): Section {
  const columns = environments.map((environment, index): FieldColumn => ({
    title: environments.length === 1 ? "value" : index === 0 ? "begun" : "resumed",
    fields: flatten(environment),
  }));
  return {
    id: "environment",
    title: "Environment",
    content: foldedColumns("Machine and software", columns),
  };
}

/** The fields of one thing of several. */
interface FieldColumn {
  readonly title: string;
  readonly fields: readonly FlatField[];
}

function foldedColumns(title: string, columns: readonly FieldColumn[]): Part {
  const filled = columns.filter(({ fields }) => fields.length > 0);
  if (filled.length === 0) return null;
  return html`<details>
    <summary>${title}</summary>
    ${comparedTable(title, filled)}
  </details>`;
}

/** A row for each field that any of them has. */
function comparedTable(name: string, columns: readonly FieldColumn[]): Markup {
  const paths = [...new Set(columns.flatMap(({ fields }) => fields.map(([path]) => path)))];
  return table({
    name,
    head: ["field", ...columns.map(({ title }) => title)],
    textColumns: 1 + columns.length,
    rows: paths.map((path) => [
      html`<span class="field">${path}</span>`,
      ...columns.map(({ fields }) => {
        const text = fields.find(([own]) => own === path)?.[1] ?? "";
        return html`<span class="prose">${orNone(text)}</span>`;
      }),
    ]),
  });
}
