// What the machine is, and what else it does while something is measured.
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** Instruction sets that decide which kernels OpenVINO takes. */
const FLAGS = [
  "avx2",
  "avx_vnni",
  "avx512f",
  "avx512_vnni",
  "avx512_bf16",
  "avx512_fp16",
  "amx_tile",
  "amx_int8",
  "amx_bf16",
];

/** From these parts of all CPUs' time on a trial is called noisy. It stays in the figures. */
export const NOISY = { others: 0.05, steal: 0.02 };

/** Clock ticks of /proc/stat in a second: Linux shows 100 to user space everywhere. */
const TICKS_PER_SECOND = 100;

export function describeMachine() {
  const info = readFileSync("/proc/cpuinfo", "utf8");
  const field = (name) => new RegExp(`^${name}\\s*: (.*)$`, "m").exec(info)?.[1] ?? "unknown";
  const flags = new Set(field("flags").split(" "));
  return {
    cpu: field("model name"),
    family: field("cpu family"),
    model: field("model"),
    flags: FLAGS.filter((flag) => flags.has(flag)),
    cpus: cpus().length,
    usableCpus: availableParallelism(),
    virtual: flags.has("hypervisor"),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: readFileSync("/proc/sys/kernel/osrelease", "utf8").trim(),
    node: process.version,
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
  };
}

/** Begins to watch; the function that it returns reports what happened since, in parts of all CPUs' time. */
export function watchMachine() {
  const before = readTicks();
  return () => {
    const after = readTicks();
    const all = after.all - before.all || 1;
    return {
      /** CPU seconds that anything here used, the measured program included. */
      busySeconds: (after.busy - before.busy) / TICKS_PER_SECOND,
      /** CPU seconds that there were. */
      cpuSeconds: all / TICKS_PER_SECOND,
      /** What the host gave to other guests. */
      steal: (after.steal - before.steal) / all,
    };
  };
}

/** @param {{ others: number, steal: number }} trial parts of all CPUs' time that were not the trial's own */
export function isNoisy({ others, steal }) {
  return others > NOISY.others || steal > NOISY.steal;
}

function readTicks() {
  const [user, nice, system, idle, iowait, irq, softirq, steal] = readFileSync("/proc/stat", "utf8")
    .split("\n", 1)[0]
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + softirq;
  return { busy, steal, all: busy + steal + idle + iowait };
}
