/** What the doctor reports. `openvino-llm doctor --json` prints one {@link DoctorReport}. */
import type { NativeDevice } from "../native/binding.js";
import type { RuntimeLocation } from "../runtime/locate.js";
import type { InferenceProbe } from "./inference-probe.js";
import type { ModelKernels } from "./model-kernels.js";
import type { CpuFlags } from "../host/kernels/instruction-sets.js";

/** "ok"; "warn": works, but not as well as it could; "fail": does not work. */
export type CheckStatus = "ok" | "warn" | "fail";

/** One thing that was looked at. */
export interface DoctorCheck {
  readonly name:
    | "node"
    | "platform"
    | "runtime"
    | "addon"
    | "processor"
    | "amx"
    | "inference"
    | "environment"
    | "threads"
    | "memory"
    | "model";
  readonly status: CheckStatus;
  /** What was found. */
  readonly message: string;
  /** What to do about it: a command or a sentence; null where there is nothing to do. */
  readonly cure: string | null;
}

/** Builds as the components name themselves; null where a component is missing or does not give it. */
export interface Versions {
  readonly package: string;
  readonly node: string;
  /** Read from the library's file. */
  readonly openvino: string | null;
  /** Read from the library's file. */
  readonly genai: string | null;
  /** The library holds no version: known by its checksum, or by the Python package that it lies in. */
  readonly tokenizers: string | null;
  /** As oneDNN logs it. */
  readonly oneDnn: string | null;
}

/** The system that this process runs on. */
export interface SystemFacts {
  readonly os: string;
  readonly arch: string;
  /** Release of the kernel, e.g. "6.1.0-18-amd64". */
  readonly kernel: string;
  /** Null where the C library is another one. */
  readonly glibc: string | null;
}

/** The OpenVINO libraries. */
export interface RuntimeFacts extends RuntimeLocation {
  /** Names of libraries that a runtime has and this one lacks. */
  readonly missing: readonly string[];
  /** Real paths of the libraries that were opened, the addon's core last; empty where that failed. */
  readonly loaded: readonly string[];
}

/** The processor and how much of it this process may use. */
export interface CpuFacts {
  readonly model: string | null;
  readonly sockets: number;
  /** Physical cores of all sockets. */
  readonly cores: number;
  /** Hardware threads that are online. */
  readonly threads: number;
  /** Hardware threads that this process may run on. */
  readonly availableThreads: number;
  /** CPUs that the control group lets this process keep busy, e.g. 1.5; null without limit. */
  readonly quotaCpus: number | null;
  readonly flags: CpuFlags;
  /** The source: the processor itself by way of the addon, or Linux. */
  readonly flagsFrom: "cpuid" | "/proc/cpuinfo";
}

/** Bytes; null where it is not known or, for the limit, where there is none. */
export interface MemoryFacts {
  readonly totalBytes: number;
  readonly availableBytes: number | null;
  /** Limit of the control group. */
  readonly limitBytes: number | null;
}

/** A model that goes by a name: in the cache, or installed with npm. */
export interface CachedModel {
  readonly name: string;
  readonly dir: string;
  readonly sizeBytes: number;
}

/** Everything that was found out. */
export interface DoctorFacts {
  readonly versions: Versions;
  readonly system: SystemFacts;
  /** Null where none was found. */
  readonly runtime: RuntimeFacts | null;
  /** Null where it was not found or, for want of the runtime, not looked for. */
  readonly addon: { readonly path: string } | null;
  readonly cpu: CpuFacts;
  readonly memory: MemoryFacts;
  /** Version of the control groups that set the limits; null where there are none. */
  readonly cgroupVersion: 1 | 2 | null;
  /** What came of a tiny model with 16-bit weights. Null where the libraries could not be opened. */
  readonly inference: InferenceProbe | null;
  /** The model that the commands use by default. Null where it is not there or the libraries could not be opened. */
  readonly defaultModel: {
    readonly name: string;
    /** Which kernels run it in each phase, and whether AMX takes part. */
    readonly kernels: ModelKernels;
  } | null;
  /** OpenVINO's devices; empty where the libraries could not be opened. */
  readonly devices: readonly NativeDevice[];
  readonly cache: { readonly dir: string; readonly models: readonly CachedModel[] };
}

/** The whole report. */
export interface DoctorReport extends DoctorFacts {
  readonly schema: 1;
  /** No check failed. */
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
}
