import { describe, expect, test } from "vitest";
import { parseCfsQuota, parseCpuMax, readCgroupLimits } from "../../../lib/host/cgroup.js";

/** A file system of text files. */
function files(texts: Record<string, string>): (path: string) => string | null {
  return (path) => texts[path] ?? null;
}

const V2_MOUNT = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
const V1_MOUNTS =
  "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:1 - cgroup cgroup rw,cpu,cpuacct\n" +
  "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
const UNLIMITED_V1 = "9223372036854771712\n";

describe("version 2", () => {
  test("gives the limits of a container, which sees itself as the root", () => {
    const read = files({
      "/proc/self/mountinfo": V2_MOUNT,
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/cpu.max": "150000 100000\n",
      "/sys/fs/cgroup/memory.max": "2147483648\n",
    });
    expect(readCgroupLimits(read)).toEqual({ version: 2, cpuQuota: 1.5, memoryLimitBytes: 2 ** 31 });
  });

  test("gives the tightest limit of the group and those above it", () => {
    const read = files({
      "/proc/self/mountinfo": V2_MOUNT,
      "/proc/self/cgroup": "0::/system.slice/app.service\n",
      "/sys/fs/cgroup/system.slice/cpu.max": "200000 100000\n",
      "/sys/fs/cgroup/system.slice/app.service/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/system.slice/memory.max": "max\n",
      "/sys/fs/cgroup/system.slice/app.service/memory.max": "1000000\n",
    });
    expect(readCgroupLimits(read)).toEqual({ version: 2, cpuQuota: 2, memoryLimitBytes: 1_000_000 });
  });

  test("finds the group under a mount that shows a part of the tree", () => {
    const read = files({
      "/proc/self/mountinfo": "30 24 0:26 /docker/1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
      "/proc/self/cgroup": "0::/docker/1/worker\n",
      "/sys/fs/cgroup/worker/cpu.max": "50000 100000\n",
    });
    expect(readCgroupLimits(read).cpuQuota).toBe(0.5);
  });

  test("stays within the mount when the group lies outside of what is shown", () => {
    const read = files({
      "/proc/self/mountinfo": V2_MOUNT,
      "/proc/self/cgroup": "0::/../other\n",
      "/sys/fs/cgroup/cpu.max": "100000 100000\n",
    });
    expect(readCgroupLimits(read).cpuQuota).toBe(1);
  });

  test("without a limit has none", () => {
    const read = files({
      "/proc/self/mountinfo": V2_MOUNT,
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/memory.max": "max\n",
    });
    expect(readCgroupLimits(read)).toEqual({ version: 2, cpuQuota: null, memoryLimitBytes: null });
  });
});

describe("version 1", () => {
  test("gives each controller's limits", () => {
    const read = files({
      "/proc/self/mountinfo": V1_MOUNTS,
      "/proc/self/cgroup": "5:memory:/job\n4:cpu,cpuacct:/job\n0::/\n",
      "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "250000\n",
      "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/memory/job/memory.limit_in_bytes": "4000000000\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": UNLIMITED_V1,
    });
    expect(readCgroupLimits(read)).toEqual({ version: 1, cpuQuota: 2.5, memoryLimitBytes: 4e9 });
  });

  test("has no limit where the quota is -1 and the memory is the largest number", () => {
    const read = files({
      "/proc/self/mountinfo": `${V1_MOUNTS}41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`,
      "/proc/self/cgroup": "9:memory:/\n1:cpu,cpuacct:/\n0::/\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": UNLIMITED_V1,
    });
    expect(readCgroupLimits(read)).toEqual({ version: 1, cpuQuota: null, memoryLimitBytes: null });
  });
});

test("without control groups there are no limits", () => {
  expect(readCgroupLimits(() => null)).toEqual({ version: null, cpuQuota: null, memoryLimitBytes: null });
});

describe("quotas", () => {
  test.each([
    ["150000 100000\n", 1.5],
    ["10000 50000", 0.2],
    ["max 100000\n", null],
    ["", null],
    ["nonsense", null],
    [null, null],
  ])("of cpu.max %j are %j CPUs", (text, cpus) => {
    expect(parseCpuMax(text)).toBe(cpus);
  });

  test.each([
    ["50000\n", "100000\n", 0.5],
    ["-1\n", "100000\n", null],
    ["50000\n", "0\n", null],
    [null, "100000\n", null],
    ["50000\n", null, null],
  ])("of cfs_quota_us %j and cfs_period_us %j are %j CPUs", (quota, period, cpus) => {
    expect(parseCfsQuota(quota, period)).toBe(cpus);
  });
});
