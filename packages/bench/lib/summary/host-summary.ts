import type { HostRecord } from "../measure/records.js";

/** What the client and the machine did beside the inference: the largest value of the repeats; null: not known. */
export interface HostSummary {
  /** 99th percentile of the delay of the client's event loop. */
  readonly eventLoopDelayP99Ms: number;
  /** Longest delay of the client's event loop. */
  readonly eventLoopDelayMaxMs: number;
  /** CPU time of the client's thread as a part of one CPU's. */
  readonly clientCpuShare: number | null;
  /** CPU time of this process as a part of all CPUs'. */
  readonly processCpuShare: number;
  /** CPU time of other processes as a part of all CPUs'. */
  readonly othersCpuShare: number | null;
  /** Part of all CPUs' time that the host of a virtual machine gave to others. */
  readonly stealShare: number | null;
  /** Resident memory of this process at the end of a run. */
  readonly rssBytes: number;
}

/** The summary of the repeats of a level: at least one. */
export function hostSummary(hosts: readonly HostRecord[]): HostSummary {
  const most = (pick: (host: HostRecord) => number) => Math.max(...hosts.map(pick));
  const mostKnown = (pick: (host: HostRecord) => number | null) => {
    const known = hosts.flatMap((host) => pick(host) ?? []);
    return known.length === 0 ? null : Math.max(...known);
  };
  return {
    eventLoopDelayP99Ms: most((host) => host.eventLoopDelayMs.p99),
    eventLoopDelayMaxMs: most((host) => host.eventLoopDelayMs.max),
    clientCpuShare: mostKnown((host) => host.clientCpuShare),
    processCpuShare: most((host) => host.processCpuShare),
    othersCpuShare: mostKnown((host) => host.othersCpuShare),
    stealShare: mostKnown((host) => host.stealShare),
    rssBytes: most((host) => host.rssBytes),
  };
}
