import { describe, expect, test } from "vitest";
import { memoryFigure, parseCpuInfo } from "../../../lib/host/cpu-info.js";

/** A thread's block as Linux prints it on x86-64, shortened. */
function thread(processor: number, socket: number, core: number): string {
  return [
    `processor\t: ${processor}`,
    "vendor_id\t: GenuineIntel",
    "cpu family\t: 6",
    "model\t\t: 143",
    "model name\t: Intel(R) Xeon(R) Platinum 8480+",
    `physical id\t: ${socket}`,
    "siblings\t: 4",
    `core id\t\t: ${core}`,
    "flags\t\t: fpu avx2 avx512f amx_tile",
    "bugs\t\t:",
    "power management:",
    "",
    "",
  ].join("\n");
}

describe("parseCpuInfo", () => {
  test("counts sockets, cores and threads", () => {
    const text = [thread(0, 0, 0), thread(1, 0, 1), thread(2, 1, 0), thread(3, 1, 1), thread(4, 0, 0)].join(
      "",
    );
    expect(parseCpuInfo(text)).toEqual({
      model: "Intel(R) Xeon(R) Platinum 8480+",
      familyNumber: 6,
      modelNumber: 143,
      sockets: 2,
      cores: 4,
      threads: 5,
      flags: new Set(["fpu", "avx2", "avx512f", "amx_tile"]),
    });
  });

  test("counts each thread as a core where there is no topology", () => {
    const text = "processor\t: 0\nmodel name\t: QEMU\n\nprocessor\t: 1\nmodel name\t: QEMU\n\n";
    expect(parseCpuInfo(text)).toMatchObject({ sockets: 1, cores: 2, threads: 2 });
  });

  test("knows nothing of an empty text", () => {
    const numbers = { familyNumber: null, modelNumber: null, sockets: 0, cores: 0, threads: 0 };
    expect(parseCpuInfo("")).toEqual({ model: null, ...numbers, flags: new Set() });
  });
});

test("memoryFigure gives bytes, and null for what is not listed", () => {
  const text = "MemTotal:       24684092 kB\nMemFree:        23767020 kB\nMemAvailable:   24294476 kB\n";
  expect(memoryFigure(text, "MemAvailable")).toBe(24_294_476 * 1024);
  expect(memoryFigure(text, "Mem")).toBeNull();
});
