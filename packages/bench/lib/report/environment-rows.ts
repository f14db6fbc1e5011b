/** What a report says of the machine: a name and a value in each row. Pure. */
import type { Environment } from "../results/environment.js";

/** The rows, in the order in which they are read. */
export function environmentRows(environment: Environment): string[][] {
  const { cpu, memory, os, versions, numa, cgroupQuotaCpus, loadAverage, variables } = environment;
  const known = (text: string | null | undefined) => text ?? "unknown";
  const caches = cpu.caches.map(
    ({ level, type, size, sharedBy }) =>
      `L${level} ${type} ${size}${sharedBy === null ? "" : ` for threads ${sharedBy}`}`,
  );
  const nodes = numa.map(
    ({ node, cpus, totalBytes }) => `node ${node}: threads ${cpus}, ${inGib(totalBytes)}`,
  );
  // Folders of earlier versions have none.
  const modules = memory.modules ?? [];
  return [
    ["CPU", `${known(cpu.model)}${cpu.isVirtual ? ", in a virtual machine" : ""}`],
    [
      "Cores",
      `${cpu.cores} on ${cpu.sockets} sockets, ${cpu.threads} threads, hyper-threading ${cpu.hyperThreading ? "on" : "off"}`,
    ],
    [
      "May use",
      `threads ${known(cpu.affinity)}; quota ${cgroupQuotaCpus === null ? "none" : `${cgroupQuotaCpus} CPUs`}`,
    ],
    ["Flags", cpu.flags.join(" ")],
    ["Caches", caches.join("; ") || "unknown"],
    ["NUMA", nodes.join("; ") || "unknown"],
    ["Microcode", known(cpu.microcode)],
    ["Governor", cpu.governors.join(", ") || "unknown"],
    ["Turbo", cpu.turbo === null ? "unknown" : cpu.turbo ? "on" : "off"],
    [
      "Memory",
      [
        `${inGib(memory.totalBytes)}, ${inGib(memory.availableBytes)} free before`,
        `type ${modules.map(({ type, count, size }) => `${count} x ${size} ${type}`).join(", ") || "unknown"}`,
        ...(memory.limitBytes === null ? [] : [`limit ${inGib(memory.limitBytes)}`]),
        `huge pages ${known(memory.transparentHugePages)}`,
      ].join("; "),
    ],
    ["System", `${known(os.name)}, Linux ${os.kernel}`],
    [
      "Versions",
      `openvino-llm ${versions.package}, Node.js ${versions.node}, OpenVINO ${known(versions.openvino)}, ` +
        `GenAI ${known(versions.genai)}, Tokenizers ${known(versions.tokenizers)}`,
    ],
    ["Load before", loadAverage.map((load) => load.toFixed(2)).join(", ")],
    [
      "Variables",
      Object.entries(variables)
        .map(([name, value]) => `${name}=${value}`)
        .join(" ") || "none",
    ],
  ];
}

function inGib(bytes: number | null): string {
  return bytes === null ? "unknown" : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
