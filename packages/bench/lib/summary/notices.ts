import type { BenchData } from "../results/bench-data.js";
import { isCompleted } from "../measure/metrics.js";
import type { RunRecord } from "../measure/records.js";

/** From these parts of all CPUs' time on the machine is called noisy. */
export const NOISY = { others: 0.05, steal: 0.02 } as const;

/** From this part of one CPU on the client takes time that inference could have used on a small machine. */
const BUSY_CLIENT = 0.1;

/** What a reader must know before the figures, in sentences; none for a quiet machine. Pure. */
export function noticesOf({ environments, plan, runs, targets }: BenchData): string[] {
  const most = (pick: (run: RunRecord) => number | null) =>
    runs.reduce((largest, run) => Math.max(largest, pick(run) ?? 0), 0);
  const count = (isNoisy: (run: RunRecord) => boolean) =>
    `${runs.filter(isNoisy).length} of ${runs.length} runs`;
  const servers = targets.filter(({ engine }) => engine === "http");
  const isServed = ({ target }: RunRecord) => servers.some(({ label }) => label === target);
  // A server on this machine is one of the others.
  const others = (run: RunRecord) => (isServed(run) ? 0 : (run.host.othersCpuShare ?? 0));
  const steal = ({ host }: RunRecord) => host.stealShare ?? 0;
  const notices: string[] = [];
  for (const { label, server } of servers) {
    if (plan.options.serve !== undefined) {
      notices.push(
        `${label} is measured over HTTP: its server ran on this machine, beside the client that measured it.`,
      );
      continue;
    }
    notices.push(
      `${label} is measured over HTTP${server === null ? "" : ` (${server.url})`}: machine and versions are the client's; ` +
        "those of the server are not known, and whether it is the same machine is not either.",
    );
  }
  const severalAtOnce = runs.filter(isServed).filter(bringsSeveralAtOnce);
  if (severalAtOnce.length > 0) {
    const labels = [...new Set(severalAtOnce.map(({ target }) => target))].join(", ");
    notices.push(
      `Several tokens of ${labels} came in one piece: the gaps between tokens (ITL) are those between pieces.`,
    );
  }
  if (most(others) > NOISY.others) {
    notices.push(
      `Noisy: other programs used up to ${percent(most(others))} of all CPU time ` +
        `(more than ${percent(NOISY.others)} in ${count((run) => others(run) > NOISY.others)}).`,
    );
  }
  if (most(steal) > NOISY.steal) {
    notices.push(
      `Noisy: the host of this virtual machine took up to ${percent(most(steal))} of its CPU time ` +
        `(more than ${percent(NOISY.steal)} in ${count((run) => steal(run) > NOISY.steal)}).`,
    );
  }
  for (const { loadAverage, cpu } of environments) {
    const [load = 0] = loadAverage;
    if (load > cpu.threads / 2) {
      notices.push(
        `The machine was busy before the benchmark began: load average ${load.toFixed(2)} on ${cpu.threads} threads.`,
      );
    }
  }
  const client = most(({ host }) => host.clientCpuShare);
  if (client > BUSY_CLIENT) {
    notices.push(
      `The client's thread used up to ${percent(client)} of one CPU, which inference had to share.`,
    );
  }
  return notices;
}

/** A tenth of the tokens or more came together with the one before them. */
function bringsSeveralAtOnce({ requests }: RunRecord): boolean {
  const stamps = requests.filter(isCompleted).map(({ deliveredMs }) => deliveredMs);
  const tokens = stamps.reduce((sum, { length }) => sum + length, 0);
  const chunks = stamps.reduce((sum, times) => sum + new Set(times).size, 0);
  return tokens > 0 && chunks <= tokens * 0.9;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
}
