import type { BenchData } from "./folder.js";
import type { RunRecord } from "./records.js";

/** From these parts of all CPUs' time on the machine is called noisy. */
export const NOISY = { others: 0.05, steal: 0.02 } as const;

/** From this part of one CPU on the client takes time that inference could have used on a small machine. */
const BUSY_CLIENT = 0.1;

/** What a reader must know before the figures, in sentences; none for a quiet machine. Pure. */
export function noticesOf({ environments, runs }: BenchData): string[] {
  const most = (pick: (run: RunRecord) => number | null) =>
    runs.reduce((largest, run) => Math.max(largest, pick(run) ?? 0), 0);
  const count = (isNoisy: (run: RunRecord) => boolean) =>
    `${runs.filter(isNoisy).length} of ${runs.length} runs`;
  const others = ({ host }: RunRecord) => host.othersCpuShare ?? 0;
  const steal = ({ host }: RunRecord) => host.stealShare ?? 0;
  const notices: string[] = [];
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

function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
}
