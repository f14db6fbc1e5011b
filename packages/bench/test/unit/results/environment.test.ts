import { describe, expect, it } from "vitest";
import { environmentRows as rowsOf } from "../../../lib/report/environment-rows.js";
import { captureEnvironment } from "../../../lib/results/environment.js";
import { cacheSizes, microcodeOf, numaNodes, osName } from "../../../lib/results/system-files.js";

const FILES: Readonly<Record<string, string>> = {
  "/proc/cpuinfo": [0, 1]
    .map(
      (id) =>
        `processor\t: ${id}\nmodel name\t: Some Xeon\nmicrocode\t: 0x2b0\nphysical id\t: 0\ncore id\t: 0\n` +
        "flags\t\t: fpu avx2 avx512f amx_tile amx_bf16 hypervisor avx512_vnni\n",
    )
    .join("\n"),
  "/proc/self/status": "Name:\tnode\nCpus_allowed_list:\t0-1\n",
  "/proc/meminfo": "MemTotal: 16000 kB\nMemAvailable:  8000 kB\n",
  "/etc/os-release": 'NAME="Some"\nPRETTY_NAME="Some Linux 12"\n',
  "/sys/devices/system/cpu/cpu0/cache/index0/level": "1\n",
  "/sys/devices/system/cpu/cpu0/cache/index0/type": "Data\n",
  "/sys/devices/system/cpu/cpu0/cache/index0/size": "48K\n",
  "/sys/devices/system/cpu/cpu0/cache/index0/shared_cpu_list": "0-1\n",
  "/sys/devices/system/cpu/cpu0/cache/index3/level": "3\n",
  "/sys/devices/system/cpu/cpu0/cache/index3/type": "Unified\n",
  "/sys/devices/system/cpu/cpu0/cache/index3/size": "480M\n",
  "/sys/devices/system/node/node0/cpulist": "0-1\n",
  "/sys/devices/system/node/node0/meminfo": "Node 0 MemTotal:       16000 kB\n",
  "/sys/devices/system/node/node1/cpulist": "2-3\n",
  "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "performance\n",
  "/sys/devices/system/cpu/cpufreq/policy1/scaling_governor": "powersave\n",
  "/sys/devices/system/cpu/intel_pstate/no_turbo": "0\n",
  "/sys/devices/system/edac/mc/mc0/dimm0/dimm_mem_type": "Registered-DDR5\n",
  "/sys/devices/system/edac/mc/mc0/dimm0/size": "32768\n",
  "/sys/devices/system/edac/mc/mc0/dimm1/dimm_mem_type": "Unknown\n",
  "/sys/devices/system/edac/mc/mc0/dimm1/size": "0\n",
  "/sys/devices/system/edac/mc/mc1/dimm0/dimm_mem_type": "Registered-DDR5\n",
  "/sys/devices/system/edac/mc/mc1/dimm0/size": "32768\n",
  "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
};
const FOLDERS: Readonly<Record<string, string[]>> = {
  "/sys/devices/system/cpu/cpu0/cache": ["index3", "index0", "uevent"],
  "/sys/devices/system/node": ["node1", "node0", "possible"],
  "/sys/devices/system/edac/mc": ["mc0", "mc1", "power"],
  "/sys/devices/system/edac/mc/mc0": ["dimm0", "dimm1", "uevent"],
  "/sys/devices/system/edac/mc/mc1": ["dimm0"],
  "/sys/devices/system/cpu/cpufreq": ["policy0", "policy1", "boost"],
};
const environmentRows = async (...system: Parameters<typeof captureEnvironment>) =>
  rowsOf(await captureEnvironment(...system));
const read = (path: string) => FILES[path] ?? null;
const list = (path: string) => FOLDERS[path] ?? [];

describe("environmentRows", () => {
  it("name everything that was found, and say what was not", async () => {
    const rows = new Map((await environmentRows(read, list)).map(([name, value]) => [name, value]));
    expect(rows.get("Memory")).toContain("2 x 32768 MB Registered-DDR5");
    expect(rows.get("NUMA")).toContain("node 0: threads 0-1");
    expect(rows.get("Caches")).toContain("L1 Data 48K for threads 0-1");
    expect(rows.get("Turbo")).toBe("on");
    const unknown = await environmentRows(
      () => null,
      () => [],
    );
    const nothing = new Map(unknown.map(([name, value]) => [name, value]));
    for (const name of ["CPU", "Caches", "NUMA", "Microcode", "Governor", "Turbo"]) {
      expect(nothing.get(name), name).toBe("unknown");
    }
    expect(nothing.get("Memory")).toContain("type unknown");
  });
});

describe("captureEnvironment", () => {
  it("has what figures depend on", async () => {
    const environment = await captureEnvironment(read, list, {
      ONEDNN_MAX_CPU_ISA: "AVX2",
      OPENVINO_LLM_CACHE: "/secret",
      HOME: "/home/me",
    });
    expect(environment.cpu).toMatchObject({
      model: "Some Xeon",
      sockets: 1,
      cores: 1,
      threads: 2,
      hyperThreading: true,
      affinity: "0-1",
      microcode: "0x2b0",
      flags: ["amx_bf16", "amx_tile", "avx2", "avx512_vnni", "avx512f"],
      governors: ["performance", "powersave"],
      turbo: true,
      isVirtual: true,
    });
    expect(environment.cpu.caches).toEqual([
      { level: 1, type: "Data", size: "48K", sharedBy: "0-1" },
      { level: 3, type: "Unified", size: "480M", sharedBy: null },
    ]);
    expect(environment.numa).toEqual([
      { node: 0, cpus: "0-1", totalBytes: 16000 * 1024 },
      { node: 1, cpus: "2-3", totalBytes: null },
    ]);
    expect(environment.memory).toMatchObject({
      availableBytes: 8000 * 1024,
      modules: [{ type: "Registered-DDR5", size: "32768 MB", count: 2 }],
      transparentHugePages: "madvise",
    });
    expect(environment.os.name).toBe("Some Linux 12");
    expect(environment.variables).toEqual({ ONEDNN_MAX_CPU_ISA: "AVX2" });
  });

  it("has null for what the system does not report", async () => {
    const { cpu, numa, memory, cgroupQuotaCpus, os } = await captureEnvironment(
      () => null,
      () => [],
      {},
    );
    expect(cpu).toMatchObject({
      model: null,
      affinity: null,
      microcode: null,
      caches: [],
      governors: [],
      turbo: null,
    });
    expect(numa).toEqual([]);
    expect(memory).toMatchObject({ availableBytes: null, limitBytes: null, transparentHugePages: null });
    expect(cgroupQuotaCpus).toBeNull();
    expect(os.name).toBeNull();
  });

  it("looks at this machine by default", async () => {
    const { cpu, versions, loadAverage } = await captureEnvironment();
    expect(cpu.threads).toBeGreaterThan(0);
    expect(versions.node).toBe(process.versions.node);
    expect(loadAverage).toHaveLength(3);
  });
});

describe("system files", () => {
  it("without content say nothing", () => {
    expect(microcodeOf("")).toBeNull();
    expect(osName(null)).toBeNull();
    expect(cacheSizes(() => null, list)).toEqual([]);
    expect(numaNodes(read, () => [])).toEqual([]);
  });

  it("may name a system without quotes", () => {
    expect(osName("PRETTY_NAME=Alpine\n")).toBe("Alpine");
  });
});
