// What a trial of ours says of its own process.
import { readdirSync, readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openBinding } from "../../dist/native/binding.js";

const RESOLUTION_MS = 1;

/**
 * Counts the CPU time that is ours: to be called before anything is loaded. The function that it returns gives the
 * account so far, in nanoseconds: our part of GenAI's streamer threads and of the workers, the calling thread, and the
 * threads that Node itself has started by now, which are V8's helpers (garbage collection, compiler) and libuv's pool.
 */
export function watchOwnCost() {
  const nodeThreads = readdirSync("/proc/self/task").filter((id) => Number(id) !== process.pid);
  const { core } = openBinding();
  core.cpuAccount(); // turns the counting on
  return () => ({
    ...core.cpuAccount(),
    nodeNs: nodeThreads.reduce((total, thread) => total + schedulerNs(thread), 0),
  });
}

/** CPU time of a thread of this process so far; 0 for one that has ended. */
function schedulerNs(thread) {
  try {
    return Number(readFileSync(`/proc/self/task/${thread}/schedstat`, "utf8").split(" ", 1)[0]);
  } catch {
    return 0;
  }
}

/** The difference of two accounts in microseconds per token. */
export function costPerToken(before, after, tokens) {
  const us = (key) => (after[key] - before[key]) / 1e3 / tokens;
  return {
    streamerUs: us("streamersNs"),
    workerUs: us("workersNs"),
    jsThreadUs: us("thisThreadNs"),
    nodeThreadsUs: us("nodeNs"),
  };
}

export function peakRssKiB() {
  return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * How late the event loop is while `work` goes on. A histogram that is switched on again would count the gap as a delay,
 * so each window has its own.
 */
export async function watchDelay(work) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const ms = (ns) => ns / 1e6;
  histogram.enable();
  const value = await work();
  histogram.disable();
  const { count, max } = histogram;
  const [p50Ms, p99Ms] = [ms(histogram.percentile(50)), ms(histogram.percentile(99))];
  return { value, delay: { n: count, p50Ms, p99Ms, maxMs: ms(max) } };
}
