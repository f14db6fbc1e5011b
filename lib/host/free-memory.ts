import { readCgroupLimits, type ReadText } from "./cgroup.js";
import { memoryFigure } from "./cpu-info.js";
import { readText as readFile } from "./read-text.js";

/** Bytes that this process and its children may still take: what the machine and the control group leave. */
export function freeMemory(readText: ReadText = readFile): number {
  const available = memoryFigure(readText("/proc/meminfo") ?? "", "MemAvailable") ?? Infinity;
  const { memoryLimitBytes } = readCgroupLimits(readText);
  const left = memoryLimitBytes === null ? Infinity : memoryLimitBytes - process.memoryUsage.rss();
  return Math.max(0, Math.min(available, left));
}
