/** Watches, during a run, what the client and the rest of the machine do beside the inference. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

import type { HostRecord } from "./records.js";

/** The period of the timer that measures the event loop's delay: long enough to cost the inference nothing. */
const RESOLUTION_MS = 10;

/** Parts of all the machine's CPU time since the start, from two readings of `/proc/stat`. */
export interface CpuShares {
  /** Anything that ran here. */
  readonly busy: number;
  /** What the host of a virtual machine gave to others. */
  readonly steal: number;
}

/** A reading of `/proc/stat`, in clock ticks. */
export interface CpuTicks {
  readonly busy: number;
  readonly steal: number;
  readonly all: number;
}

/** The first line of `/proc/stat`, as proc_stat(5) describes it; null where it is not there. */
export function parseCpuTicks(stat: string | null): CpuTicks | null {
  const fields = /^cpu +([\d ]+)/.exec(stat ?? "")?.[1];
  if (fields === undefined) return null;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = fields
    .split(" ")
    .map(Number);
  const busy = user + nice + system + irq + softirq;
  return { busy, steal, all: busy + steal + idle + iowait };
}

/** What was done between two readings; null where one is missing or no time has passed. */
export function cpuSharesBetween(before: CpuTicks | null, after: CpuTicks | null): CpuShares | null {
  if (before === null || after === null || after.all <= before.all) return null;
  const all = after.all - before.all;
  return { busy: (after.busy - before.busy) / all, steal: (after.steal - before.steal) / all };
}

/** Begins to watch; the function that it returns ends that and reports what happened since. */
export function watchHost(): () => HostRecord {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const before = readings();
  delay.enable();
  return () => {
    delay.disable();
    const after = readings();
    const wallMs = Math.max(after.wallMs - before.wallMs, Number.MIN_VALUE);
    const processShare = (after.processMs - before.processMs) / wallMs / availableParallelism();
    const shares = cpuSharesBetween(before.ticks, after.ticks);
    const beyondTimer = (ns: number) => (Number.isFinite(ns) ? Math.max(0, ns / 1e6 - RESOLUTION_MS) : 0);
    return {
      eventLoopDelayMs: {
        mean: beyondTimer(delay.mean),
        p50: beyondTimer(delay.percentile(50)),
        p99: beyondTimer(delay.percentile(99)),
        max: beyondTimer(delay.max),
      },
      eventLoopUtilization: performance.eventLoopUtilization(after.loop, before.loop).utilization,
      clientCpuShare:
        after.threadMs === null || before.threadMs === null
          ? null
          : (after.threadMs - before.threadMs) / wallMs,
      processCpuShare: processShare,
      // Two clocks of different grain: what is below nothing is nothing.
      othersCpuShare: shares === null ? null : Math.max(0, shares.busy - processShare),
      stealShare: shares?.steal ?? null,
      rssBytes: process.memoryUsage.rss(),
    };
  };
}

function readings() {
  const { user, system } = process.cpuUsage();
  return {
    wallMs: performance.now(),
    processMs: (user + system) / 1000,
    threadMs: threadCpuMs(),
    ticks: parseCpuTicks(readText("/proc/stat")),
    loop: performance.eventLoopUtilization(),
  };
}

/** CPU time of the JavaScript thread. Node 20 has no function for it, and Linux names the main thread alone by the process id. */
function threadCpuMs(): number | null {
  const ns = isMainThread
    ? readText(`/proc/self/task/${process.pid}/schedstat`)?.split(" ", 1)[0]
    : undefined;
  return ns === undefined ? null : Number(ns) / 1e6;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
