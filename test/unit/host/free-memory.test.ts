import { expect, it } from "vitest";
import { freeMemory } from "../../../lib/host/free-memory.js";

it("counts what the machine and the control group leave", () => {
  const machine = (path: string) => (path === "/proc/meminfo" ? "MemAvailable:    2000 kB\n" : null);
  expect(freeMemory(machine)).toBe(2_048_000);
  const group = (path: string) =>
    ({
      "/proc/meminfo": "MemAvailable: 900000000 kB\n",
      "/proc/self/mountinfo": "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/memory.max": "1000\n",
    })[path] ?? null;
  // This process has more than that already.
  expect(freeMemory(group)).toBe(0);
});
