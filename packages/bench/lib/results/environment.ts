/** The machine and the software that a benchmark runs on, as far as figures depend on them. */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, loadavg, release, totalmem } from "node:os";

import {
  locateRuntime,
  memoryFigure,
  parseCpuInfo,
  readCgroupLimits,
  readVersions,
  type ReadText,
} from "openvino-llm/internal";
import {
  cacheSizes,
  memoryModules,
  microcodeOf,
  numaNodes,
  osName,
  type CpuCache,
  type MemoryModules,
  type NumaNode,
} from "./system-files.js";

/** What the figures depend on beside model and options. Null: the system does not report it. */
export interface Environment {
  /** ISO 8601, UTC. */
  readonly date: string;
  /** The processor. */
  readonly cpu: {
    /** As Linux names it. */
    readonly model: string | null;
    /** Processors in the machine. */
    readonly sockets: number;
    /** Physical cores of all sockets; threads where a virtual machine hides them. */
    readonly cores: number;
    /** Hardware threads that are online. */
    readonly threads: number;
    /** Two hardware threads share a core. */
    readonly hyperThreading: boolean;
    /** Hardware threads that this process may run on, as Linux lists them: "0-23". */
    readonly affinity: string | null;
    /** How many of them this process may use, as Node.js counts. */
    readonly availableThreads: number;
    /** Revision of the microcode: "0x1000243". */
    readonly microcode: string | null;
    /** Flags of /proc/cpuinfo that decide which kernels there are, sorted. */
    readonly flags: readonly string[];
    /** Caches of the first hardware thread; empty where the system shows none. */
    readonly caches: readonly CpuCache[];
    /** Frequency governors in use; empty where the system shows none, as in most virtual machines. */
    readonly governors: readonly string[];
    /** The clock may go above its base. */
    readonly turbo: boolean | null;
    /** The processor is a virtual machine's. */
    readonly isVirtual: boolean;
  };
  /** Memory nodes; empty where the system shows none. */
  readonly numa: readonly NumaNode[];
  /** The main memory. */
  readonly memory: {
    /** Of the whole machine. */
    readonly totalBytes: number;
    /** What could be taken without swapping when it began. */
    readonly availableBytes: number | null;
    /** What the control group lets this process take; null without limit. */
    readonly limitBytes: number | null;
    /** Kinds of memory modules; empty where the system shows none, as in most virtual machines. */
    readonly modules: readonly MemoryModules[];
    /** "always", "madvise" or "never". */
    readonly transparentHugePages: string | null;
  };
  /** CPUs that the control group lets this process keep busy; null without limit. */
  readonly cgroupQuotaCpus: number | null;
  /** The operating system. */
  readonly os: {
    /** The distribution: "Ubuntu 24.04.1 LTS". */
    readonly name: string | null;
    /** Release of the Linux kernel. */
    readonly kernel: string;
  };
  /** Means over 1, 5 and 15 minutes when it began. */
  readonly loadAverage: readonly number[];
  /** Versions of the software. */
  readonly versions: {
    /** Of openvino-llm. */
    readonly package: string;
    /** Of Node.js. */
    readonly node: string;
    /** Build of OpenVINO; null where no runtime is installed. */
    readonly openvino: string | null;
    /** Build of OpenVINO GenAI; null where no runtime is installed. */
    readonly genai: string | null;
    /** Build of OpenVINO Tokenizers; null where no runtime is installed. */
    readonly tokenizers: string | null;
  };
  /** Variables that change what OpenVINO and oneDNN do. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Flags of /proc/cpuinfo that decide which kernels there are. */
const KERNEL_FLAGS =
  /^(?:avx2|fma|f16c|avx_vnni(?:_int8)?|avx512(?:f|bw|vl|dq|_vnni|_bf16|_fp16)|amx_(?:tile|int8|bf16|fp16)|avx10.*)$/;
const VARIABLES = /^(?:ONEDNN_|DNNL_|OV_|OPENVINO_(?!LLM_)|OMP_|TBB_|MALLOC_)/;

/** Looks at this machine. Takes no inference. */
export async function captureEnvironment(
  readText: ReadText = readFile,
  listFolder: (path: string) => string[] = list,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Environment> {
  const cpuInfo = readText("/proc/cpuinfo") ?? "";
  const { model, sockets, cores, threads, flags } = parseCpuInfo(cpuInfo);
  const limits = readCgroupLimits(readText);
  const turboFile = readText("/sys/devices/system/cpu/intel_pstate/no_turbo")?.trim();
  const boostFile = readText("/sys/devices/system/cpu/cpufreq/boost")?.trim();
  return {
    date: new Date().toISOString(),
    cpu: {
      model,
      sockets,
      cores,
      threads,
      hyperThreading: threads > cores,
      affinity: /^Cpus_allowed_list:\s*(\S+)/m.exec(readText("/proc/self/status") ?? "")?.[1] ?? null,
      availableThreads: availableParallelism(),
      microcode: microcodeOf(cpuInfo),
      flags: [...flags].filter((flag) => KERNEL_FLAGS.test(flag)).sort(),
      caches: cacheSizes(readText, listFolder),
      governors: governorsOf(readText, listFolder),
      turbo: turboFile !== undefined ? turboFile === "0" : boostFile === undefined ? null : boostFile === "1",
      isVirtual: flags.has("hypervisor"),
    },
    numa: numaNodes(readText, listFolder),
    memory: {
      totalBytes: totalmem(),
      availableBytes: memoryFigure(readText("/proc/meminfo") ?? "", "MemAvailable"),
      limitBytes: limits.memoryLimitBytes,
      modules: memoryModules(readText, listFolder),
      transparentHugePages:
        /\[(\w+)\]/.exec(readText("/sys/kernel/mm/transparent_hugepage/enabled") ?? "")?.[1] ?? null,
    },
    cgroupQuotaCpus: limits.cpuQuota,
    os: { name: osName(readText("/etc/os-release")), kernel: release() },
    loadAverage: loadavg(),
    versions: await readVersions(runtimeIfThere()),
    variables: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) =>
        value !== undefined && VARIABLES.test(name) ? [[name, value] as const] : [],
      ),
    ),
  };
}

function runtimeIfThere(): ReturnType<typeof locateRuntime> | null {
  try {
    return locateRuntime();
  } catch {
    return null;
  }
}

function governorsOf(readText: ReadText, listFolder: (path: string) => string[]): string[] {
  const root = "/sys/devices/system/cpu/cpufreq";
  const policies = listFolder(root).filter((name) => name.startsWith("policy"));
  const governors = policies.flatMap((name) => readText(`${root}/${name}/scaling_governor`)?.trim() ?? []);
  return [...new Set(governors)].sort();
}

function readFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
