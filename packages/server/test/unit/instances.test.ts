import { describe, expect, it } from "vitest";
import { leastRunning } from "../../lib/instances/balancer.js";
import { allowedCpus, cpuList, dealCpus, type Cpu } from "../../lib/instances/cpu-sets.js";
import { mergeLoads, mergeMetrics } from "../../lib/instances/merge.js";

/** Processors of nodes with that many cores each, two hardware threads to a core where asked for, numbered as Linux does. */
function machine(coresOfNodes: readonly number[], threads = 1): Cpu[] {
  const cores = coresOfNodes.flatMap((count, node) => Array.from({ length: count }, () => node));
  return Array.from({ length: threads }, (_, thread) =>
    cores.map((node, core) => ({ id: thread * cores.length + core, node, core })),
  ).flat();
}

describe("dealCpus", () => {
  it.each([
    ["one node", machine([8]), 2, ["0,1,2,3", "4,5,6,7"]],
    ["what does not divide", machine([5]), 2, ["0,1", "2,3,4"]],
    ["a node each", machine([2, 2]), 2, ["0,1", "2,3"]],
    ["several nodes each", machine([1, 1, 1, 1]), 2, ["0,1", "2,3"]],
    ["several to a node", machine([4, 4]), 4, ["0,1", "2,3", "4,5", "6,7"]],
    ["nodes of unlike size", machine([6, 2]), 4, ["0,1", "2,3", "4,5", "6,7"]],
    ["cores of two threads", machine([4], 2), 2, ["0,1,4,5", "2,3,6,7"]],
    ["threads, where cores do not do", machine([2], 2), 3, ["0", "1", "2,3"]],
    ["one", machine([2, 2], 2), 1, ["0,1,2,3,4,5,6,7"]],
  ])("%s", (_, cpus, instances, expected) => {
    const sets = dealCpus(cpus, instances);
    expect(sets.map((set) => set.join(","))).toEqual(expected);
    expect(sets.flat().toSorted((a, b) => a - b)).toEqual(cpus.map(({ id }) => id));
  });

  it("refuses more instances than processors", () => {
    expect(() => dealCpus(machine([2]), 3)).toThrow(expect.objectContaining({ code: "ERR_OUT_OF_RANGE" }));
  });
});

it("reads which processors there are, and only those that this process may use", () => {
  const files: Record<string, string> = {
    "/proc/self/status": "Name:\tnode\nCpus_allowed_list:\t1-2,5\n",
    "/sys/devices/system/node/online": "0-1\n",
    "/sys/devices/system/node/node0/cpulist": "0-1,4-5\n",
    "/sys/devices/system/node/node1/cpulist": "2-3,6-7\n",
    "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list": "1,5\n",
    "/sys/devices/system/cpu/cpu5/topology/thread_siblings_list": "1,5\n",
  };
  expect(cpuList("0-2,7\n")).toEqual([0, 1, 2, 7]);
  expect(allowedCpus((path) => files[path] ?? null)).toEqual([
    { id: 1, node: 0, core: 1 },
    { id: 2, node: 1, core: 2 },
    { id: 5, node: 0, core: 1 },
  ]);
});

it("chooses the one with the fewest running, in turn among equals", () => {
  expect(leastRunning([{ running: 2 }, { running: 1 }], 0)).toEqual({ running: 1 });
  const equals = [0, 1, 2].map((rank) => ({ rank, running: 1 }));
  expect([0, 1, 2, 3].map((turn) => leastRunning(equals, turn)?.rank)).toEqual([0, 1, 2, 0]);
  expect(leastRunning([], 0)).toBeNull();
});

it("puts metrics and loads together, each by its rank", () => {
  const text = '# HELP a A.\n# TYPE a gauge\na{model_name="m"} 1\nb_total 2\n';
  expect(mergeMetrics([0, 1].map((rank) => ({ rank, text })))).toBe(
    '# HELP a A.\n# TYPE a gauge\na{engine="0",model_name="m"} 1\nb_total{engine="0"} 2\n' +
      'a{engine="1",model_name="m"} 1\nb_total{engine="1"} 2\n',
  );
  const load = JSON.stringify({ dp_rank_count: 1, loads: [{ dp_rank: 0, num_running_reqs: 3 }] });
  expect(JSON.parse(mergeLoads([0, 2].map((rank) => ({ rank, text: load }))))).toMatchObject({
    dp_rank_count: 2,
    loads: [
      { dp_rank: 0, num_running_reqs: 3 },
      { dp_rank: 2, num_running_reqs: 3 },
    ],
  });
});
