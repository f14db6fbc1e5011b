import type { SelfCheckStatus } from "../../../summary/self-checks.js";
import { figure, shareText } from "../../report-text.js";
import { note, type ReportContext, type Section } from "../context.js";
import { html, type Markup } from "../markup.js";
import { nameCell, repeatedAfter, table, unitHead } from "../table.js";

/** What the benchmark checked of itself. */
export function selfCheckSection({ summary }: ReportContext): Section {
  return {
    id: "self-checks",
    title: "Self-checks",
    content: table({
      name: "Self-checks",
      head: ["check", "status", "found"],
      textColumns: 3,
      rows: summary.selfChecks.map(({ name, status, message }) => [
        name,
        statusCell(status),
        html`<span class="prose">${message}</span>`,
      ]),
    }),
  };
}

/** What the client and the machine did beside the inference. */
export function clientSection({ views }: ReportContext): Section | null {
  const measured = views.filter(({ levels }) => levels.length > 0);
  if (measured.length === 0) return null;
  return {
    id: "beside-the-inference",
    title: "Beside the inference",
    content: [
      note("The largest value of the repeats. Event-loop delay is what a timer of the client came too late."),
      table({
        name: "The client and the machine",
        head: [
          "model",
          "at once",
          unitHead("event-loop delay", "p99, ms"),
          unitHead("event-loop delay", "longest, ms"),
          unitHead("client", "of one CPU"),
          unitHead("this process", "of all CPUs"),
          unitHead("others", "of all CPUs"),
          unitHead("steal", "of all CPUs"),
          unitHead("RSS", "MiB"),
        ],
        rows: measured.flatMap(({ title, levels }) =>
          levels.map(({ concurrency, host }, index) => [
            repeatedAfter(index, nameCell(title)),
            concurrency,
            figure(host.eventLoopDelayP99Ms),
            figure(host.eventLoopDelayMaxMs),
            shareText(host.clientCpuShare),
            shareText(host.processCpuShare),
            shareText(host.othersCpuShare),
            shareText(host.stealShare),
            figure(host.rssBytes / 2 ** 20),
          ]),
        ),
      }),
    ],
  };
}

function statusCell(status: SelfCheckStatus): Markup {
  if (status === "ok") return html`<span class="kept">✓ ok</span>`;
  if (status === "fail") return html`<span class="missed">✗ fail</span>`;
  return status === "warn"
    ? html`<span class="missed">! warn</span>`
    : html`<span class="muted">${status}</span>`;
}
