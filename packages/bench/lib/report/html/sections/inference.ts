import {
  instructionSetName,
  type InferenceFacts,
  type PhaseProfile,
  amxSentence,
} from "openvino-llm/internal";
import { figure, NONE, percent } from "../../report-text.js";
import { note, type ReportContext, type Section } from "../context.js";
import { html, type Markup, type Part } from "../markup.js";
import { orNone, table, unitHead } from "../table.js";

/** Kernels that take less of the time are summed up. */
const SMALL_SHARE = 0.01;

/** Which kernels did the work. Null for a benchmark that did not look. */
export function inferenceSection({ views }: ReportContext): Section | null {
  const known = views.flatMap(({ title, facts }) => {
    const inference = facts?.inference ?? null;
    return inference === null ? [] : [{ title, inference }];
  });
  if (known.length === 0) return null;
  const found = known.flatMap(({ title, inference }) => (inference.ok ? [{ title, inference }] : []));
  return {
    id: "what-really-ran",
    title: "What really ran",
    content: [
      note("Measured by a profiler in a process of its own, apart from every figure above."),
      found.length === 0 ? null : overviewTable(found),
      known.map(({ title, inference }) => [
        html`<h3>${title}</h3>`,
        inference.ok
          ? [note(amxSentence(inference)), phaseTables(title, inference)]
          : note(`Not known: ${inference.message}`),
      ]),
    ],
  };
}

function overviewTable(
  found: ReadonlyArray<{ readonly title: string; readonly inference: InferenceFacts }>,
): Markup {
  const rows: ReadonlyArray<readonly [name: string, value: (inference: InferenceFacts) => Part]> = [
    ["instruction set", ({ instructionSet: isa }) => (isa === null ? NONE : instructionSetName(isa))],
    ["limited to", ({ isaLimit }) => isaLimit ?? "no limit"],
    ["detected by oneDNN", ({ detected }) => detected ?? NONE],
    ["inference precision", ({ inForce }) => inForce.inferencePrecision ?? NONE],
    ["KV cache precision", ({ inForce }) => inForce.kvCachePrecision ?? NONE],
    ["activations", ({ activationTypes }) => orNone(activationTypes.join(", "))],
    ["weights", ({ weightTypes }) => orNone(weightTypes.join(", "))],
    ["dynamic quantisation", quantisationText],
    ["threads", ({ inForce }) => inForce.inferenceThreads ?? NONE],
    ["oneDNN", ({ oneDnnVersion }) => oneDnnVersion ?? NONE],
  ];
  return table({
    name: "What really ran",
    head: ["in force", ...found.map(({ title }) => title)],
    textColumns: 1 + found.length,
    rows: rows.map(([name, value]) => [name, ...found.map(({ inference }) => value(inference))]),
  });
}

function quantisationText({ isDynamicallyQuantized, inForce }: InferenceFacts): string {
  const group = inForce.dynamicQuantizationGroupSize;
  if (!isDynamicallyQuantized) return "no";
  return group === null ? "yes" : `yes, in groups of ${group}`;
}

function phaseTables(title: string, { phases, graph, oneDnnKernels }: InferenceFacts): Part {
  const named: ReadonlyArray<readonly [string, PhaseProfile | null]> = [
    ["prefill", phases.prefill],
    ["decode", phases.decode],
    ["decode of many", phases.batchDecode],
  ];
  return [
    html`<div class="columns">
      ${named.map(([phase, profile]) =>
        profile === null
          ? null
          : html`<div>
              ${note(phaseText(phase, profile, graph))}
              ${table({
                name: `Kernels of ${title}: ${phase}`,
                head: ["layer", "kernel", "layers", unitHead("share", "of the time")],
                textColumns: 2,
                rows: kernelRows(profile),
              })}
            </div>`,
      )}
    </div>`,
    oneDnnTable(title, oneDnnKernels),
  ];
}

function oneDnnTable(title: string, kernels: InferenceFacts["oneDnnKernels"]): Part {
  if (kernels.length === 0) return null;
  return html`<details>
    <summary>oneDNN's kernels by its own names</summary>
    ${table({
      name: `oneDNN's kernels of ${title}`,
      head: ["operation", "implementation", "types", "8 bits", "made"],
      textColumns: 4,
      rows: kernels.map(({ operation, implementation, types, isDynamicallyQuantized, count }) => [
        operation,
        html`<code>${implementation}</code>`,
        Object.entries(types)
          .map(([operand, type]) => `${operand} ${type}`)
          .join(", "),
        isDynamicallyQuantized ? "yes" : "no",
        count,
      ]),
    })}
  </details>`;
}

function phaseText(phase: string, { tokens, inferences, totalMs }: PhaseProfile, graph: string): string {
  return (
    `${phase}: ${tokens} ${tokens === 1 ? "token" : "tokens"}, ${figure(totalMs)} ms in all layers ` +
    `(mean of ${inferences}, profiler on, ${graph} graph)`
  );
}

function kernelRows({ kernels }: PhaseProfile): Part[][] {
  const large = kernels.filter(({ timeShare }) => timeShare >= SMALL_SHARE);
  const small = kernels.filter(({ timeShare }) => timeShare < SMALL_SHARE);
  const rest: Part[][] =
    small.length === 0
      ? []
      : [
          [
            "others",
            `${small.length} of below ${percent(SMALL_SHARE)} each`,
            small.reduce((sum, { count }) => sum + count, 0),
            percent(small.reduce((sum, { timeShare }) => sum + timeShare, 0)),
          ],
        ];
  return [
    ...large.map(({ nodeType, kernel, count, timeShare }) => [
      nodeType,
      html`<code>${kernel}</code>`,
      count,
      percent(timeShare),
    ]),
    ...rest,
  ];
}
