/** What Linux says of the processor and the memory. Pure: text in, facts out. */

/** The processor as /proc/cpuinfo shows it. */
export interface CpuInfo {
  /** Null where the kernel does not name it. */
  readonly model: string | null;
  /** The numbers of its family and of its model within that, by CPUID; null where the kernel does not report it. */
  readonly familyNumber: number | null;
  readonly modelNumber: number | null;
  readonly sockets: number;
  /** Physical cores of all sockets. */
  readonly cores: number;
  /** Hardware threads that are online. */
  readonly threads: number;
  readonly flags: ReadonlySet<string>;
}

/** Reads /proc/cpuinfo: one block of "name : value" lines per hardware thread. */
export function parseCpuInfo(text: string): CpuInfo {
  const blocks = text
    .split(/\n\s*\n/)
    .map((block) => new Map(block.split("\n").flatMap(fieldOf)))
    .filter((fields) => fields.has("processor"));
  const socketOf = (fields: Map<string, string>) => fields.get("physical id") ?? "0";
  // Some virtual machines have no topology; then each thread counts as a core.
  const coreOf = (fields: Map<string, string>) =>
    `${socketOf(fields)}/${fields.get("core id") ?? fields.get("processor")}`;
  const [first] = blocks;
  return {
    model: first?.get("model name") ?? null,
    familyNumber: numberOf(first?.get("cpu family")),
    modelNumber: numberOf(first?.get("model")),
    sockets: new Set(blocks.map(socketOf)).size,
    cores: new Set(blocks.map(coreOf)).size,
    threads: blocks.length,
    flags: new Set(first?.get("flags")?.split(" ")),
  };
}

/** A figure of /proc/meminfo, such as "MemAvailable", in bytes; null where it is not listed. */
export function memoryFigure(meminfo: string, name: string): number | null {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(meminfo)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function fieldOf(line: string): Array<[string, string]> {
  const [, name, value] = /^([^:]*\S)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}
