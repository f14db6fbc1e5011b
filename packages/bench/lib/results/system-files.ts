/** What Linux says in its files of caches, memory nodes, microcode and itself. Pure: text in, facts out. */
import type { ReadText } from "openvino-llm/internal";

/** A cache that a core has or shares. */
export interface CpuCache {
  /** 1, 2, 3. */
  readonly level: number;
  /** What it keeps. */
  readonly type: "Data" | "Instruction" | "Unified" | (string & {});
  /** As Linux writes it: "32K". */
  readonly size: string;
  /** Hardware threads that share it: "0-23". */
  readonly sharedBy: string | null;
}

/** A memory node with its processors. */
export interface NumaNode {
  /** Its number, from 0. */
  readonly node: number;
  /** Hardware threads that it has: "0-23". */
  readonly cpus: string;
  /** Memory that it has; null where the system does not report it. */
  readonly totalBytes: number | null;
}

/** Memory modules of one kind. */
export interface MemoryModules {
  /** As Linux names it: "Registered-DDR5". */
  readonly type: string;
  /** Of each module: "16384 MB". */
  readonly size: string;
  /** How many of them there are. */
  readonly count: number;
}

/** Names of what is in a folder; none where it is not there. */
type ListFolder = (path: string) => string[];

/** The caches of the first processor. */
export function cacheSizes(readText: ReadText, listFolder: ListFolder): CpuCache[] {
  const root = "/sys/devices/system/cpu/cpu0/cache";
  const read = (name: string, file: string) => readText(`${root}/${name}/${file}`)?.trim() ?? null;
  return listFolder(root)
    .filter((name) => /^index\d+$/.test(name))
    .sort()
    .flatMap((name) => {
      const [level, type, size] = [read(name, "level"), read(name, "type"), read(name, "size")];
      if (level === null || type === null || size === null) return [];
      return [{ level: Number(level), type, size, sharedBy: read(name, "shared_cpu_list") }];
    });
}

/** The memory nodes. */
export function numaNodes(readText: ReadText, listFolder: ListFolder): NumaNode[] {
  const root = "/sys/devices/system/node";
  return listFolder(root)
    .flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((node) => {
      const kibibytes = /MemTotal:\s+(\d+) kB/.exec(readText(`${root}/node${node}/meminfo`) ?? "")?.[1];
      return {
        node,
        cpus: readText(`${root}/node${node}/cpulist`)?.trim() ?? "",
        totalBytes: kibibytes === undefined ? null : Number(kibibytes) * 1024,
      };
    });
}

/** The memory modules, as the driver of the memory controller lists them. */
export function memoryModules(readText: ReadText, listFolder: ListFolder): MemoryModules[] {
  const root = "/sys/devices/system/edac/mc";
  const modules = listFolder(root)
    .filter((name) => /^mc\d+$/.test(name))
    .flatMap((controller) =>
      listFolder(`${root}/${controller}`)
        .filter((name) => /^dimm\d+$/.test(name))
        .map((name) => `${root}/${controller}/${name}`),
    )
    .flatMap((path) => {
      const [type, megabytes] = [readText(`${path}/dimm_mem_type`)?.trim(), readText(`${path}/size`)?.trim()];
      return type === undefined || megabytes === undefined || megabytes === "0"
        ? []
        : [{ type, size: `${megabytes} MB` }];
    });
  const kinds = new Map(modules.map((one) => [`${one.size} ${one.type}`, one]));
  return [...kinds.values()].map((kind) => ({
    ...kind,
    count: modules.filter(({ type, size }) => type === kind.type && size === kind.size).length,
  }));
}

/** The revision of the microcode in the text of /proc/cpuinfo. */
export function microcodeOf(cpuInfo: string): string | null {
  return /^microcode\s*:\s*(\S+)/m.exec(cpuInfo)?.[1] ?? null;
}

/** The name of the distribution in the text of /etc/os-release. */
export function osName(osRelease: string | null): string | null {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease ?? "")?.[1] ?? null;
}
