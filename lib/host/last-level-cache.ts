import { readdirSync } from "node:fs";

import type { ReadText } from "./cgroup.js";

const CPUS = "/sys/devices/system/cpu";

/** Bytes of all third-level caches together, each counted once; 0 where the kernel reports none. */
export function lastLevelCacheBytes(readText: ReadText, cpus: readonly string[] = cpuNames()): number {
  const caches = new Map<string, number>();
  for (const cpu of cpus) {
    const folder = `${CPUS}/${cpu}/cache/index3`;
    const sharedBy = readText(`${folder}/shared_cpu_list`);
    if (sharedBy !== null) caches.set(sharedBy.trim(), kibibytes(readText(`${folder}/size`)) * 1024);
  }
  return [...caches.values()].reduce((total, bytes) => total + bytes, 0);
}

function cpuNames(): string[] {
  try {
    return readdirSync(CPUS).filter((name) => /^cpu\d+$/.test(name));
  } catch {
    return [];
  }
}

/** "307200K", as the kernel writes every size of a cache. */
function kibibytes(text: string | null): number {
  return Number(/^(\d+)K$/.exec((text ?? "").trim())?.[1] ?? 0);
}
