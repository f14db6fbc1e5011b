/** Which processors each of several instances gets: disjoint sets, within one NUMA node where that is possible. */
import { outOfRange } from "openvino-llm/internal";

/** A processor as Linux reports it. */
export interface Cpu {
  readonly id: number;
  readonly node: number;
  /** The same for hardware threads of one core. */
  readonly core: number;
}

/** Reads a text file; null where it cannot be read. */
export type ReadText = (path: string) => string | null;

/** The processors that this process may use. */
export function allowedCpus(read: ReadText): Cpu[] {
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(read("/proc/self/status") ?? "")?.[1] ?? "";
  const nodeOf = new Map<number, number>();
  for (const node of cpuList(read("/sys/devices/system/node/online") ?? "0")) {
    for (const cpu of cpuList(read(`/sys/devices/system/node/node${node}/cpulist`) ?? ""))
      nodeOf.set(cpu, node);
  }
  return cpuList(allowed).map((id) => {
    const siblings = cpuList(read(`/sys/devices/system/cpu/cpu${id}/topology/thread_siblings_list`) ?? "");
    return { id, node: nodeOf.get(id) ?? 0, core: siblings[0] ?? id };
  });
}

/** "0-3,8" as numbers. */
export function cpuList(text: string): number[] {
  return text
    .trim()
    .split(",")
    .filter((range) => range !== "")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/**
 * Deals processors out: whole nodes where there are at least as many as instances, else each instance stays in one node.
 * Cores are not parted where there are enough of them.
 *
 * @returns for each instance its processors, in order
 * @throws RangeError where there are fewer processors than instances
 */
export function dealCpus(cpus: readonly Cpu[], instances: number): number[][] {
  if (instances > cpus.length) {
    throw outOfRange("--instances", `at most ${cpus.length} (one for each CPU of this process)`, instances);
  }
  const nodes = grouped(cpus, ({ node }) => node);
  if (nodes.length >= instances) return dealt(nodes, instances).map((set) => idsOf(set.flat()));
  const shares = nodes.map((node) => ({ node, instances: 1 }));
  for (let left = instances - nodes.length; left > 0; left--) {
    // The next one goes where an instance has most.
    const richest = shares.reduce((best, share) => (perInstance(share) > perInstance(best) ? share : best));
    richest.instances++;
  }
  return shares.flatMap((share) => {
    const cores = grouped(share.node, ({ core }) => core);
    const units = cores.length >= share.instances ? cores : share.node.map((cpu) => [cpu]);
    return dealt(units, share.instances).map((set) => idsOf(set.flat()));
  });
}

function perInstance({ node, instances }: { node: readonly Cpu[]; instances: number }): number {
  return node.length / (instances + 1);
}

/** In runs of neighbours whose numbers differ by one at most. */
function dealt<Item>(items: readonly Item[], parts: number): Item[][] {
  return Array.from({ length: parts }, (_, index) =>
    items.slice(Math.floor((index * items.length) / parts), Math.floor(((index + 1) * items.length) / parts)),
  );
}

function grouped(cpus: readonly Cpu[], keyOf: (cpu: Cpu) => number): Cpu[][] {
  const groups = new Map<number, Cpu[]>();
  for (const cpu of cpus) groups.set(keyOf(cpu), [...(groups.get(keyOf(cpu)) ?? []), cpu]);
  return [...groups.entries()].toSorted(([a], [b]) => a - b).map(([, group]) => group);
}

function idsOf(cpus: readonly Cpu[]): number[] {
  return cpus.map(({ id }) => id).toSorted((a, b) => a - b);
}
