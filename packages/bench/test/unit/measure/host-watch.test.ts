import { describe, expect, it } from "vitest";
import { cpuSharesBetween, parseCpuTicks } from "../../../lib/measure/host-watch.js";

describe("parseCpuTicks", () => {
  it("adds up what was busy, and everything", () => {
    const stat = "cpu  10 1 5 100 4 2 3 20 7 0\ncpu0 5 0 0 0 0 0 0 0 0 0\n";
    expect(parseCpuTicks(stat)).toEqual({ busy: 21, steal: 20, all: 145 });
  });

  it("is nothing where there is no such file or line", () => {
    expect(parseCpuTicks(null)).toBeNull();
    expect(parseCpuTicks("intr 5\n")).toBeNull();
  });
});

describe("cpuSharesBetween", () => {
  it("is what was done between two readings, as parts of all", () => {
    const before = { busy: 100, steal: 10, all: 1000 };
    expect(cpuSharesBetween(before, { busy: 150, steal: 20, all: 1200 })).toEqual({
      busy: 0.25,
      steal: 0.05,
    });
  });

  it("is nothing where a reading is missing or no time has passed", () => {
    const ticks = { busy: 1, steal: 1, all: 1 };
    expect(cpuSharesBetween(null, ticks)).toBeNull();
    expect(cpuSharesBetween(ticks, null)).toBeNull();
    expect(cpuSharesBetween(ticks, ticks)).toBeNull();
  });
});
