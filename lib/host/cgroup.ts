/** What the control groups of this process allow it: CPU time and memory, cgroup version 1 and 2. */

/** Reads a text file; null where it cannot be read. */
export type ReadText = (path: string) => string | null;

/** Limits that hold for a process, the tightest of its group and all groups above that can be seen. */
export interface CgroupLimits {
  /** The version whose files were read; null where there are no control groups. */
  readonly version: 1 | 2 | null;
  /** CPUs that the process may keep busy, e.g. 1.5; null without limit. */
  readonly cpuQuota: number | null;
  /** Bytes; null without limit. */
  readonly memoryLimitBytes: number | null;
}

interface Mount {
  /** The group that appears at the mount point. */
  readonly root: string;
  readonly mountPoint: string;
  readonly version: 1 | 2;
  /** Controllers of a version 1 hierarchy. */
  readonly options: readonly string[];
}

/** From here on version 1 means "no limit": the largest multiple of a page in 63 bits. */
const V1_UNLIMITED_BYTES = 2 ** 62;

/** Reads the limits of this process, as cgroups(7) and the kernel's cgroup-v2 document describe the files. */
export function readCgroupLimits(readText: ReadText): CgroupLimits {
  const mounts = parseMounts(readText("/proc/self/mountinfo") ?? "");
  const membership = readText("/proc/self/cgroup") ?? "";
  const cpu = foldersOf("cpu", mounts, membership);
  const memory = foldersOf("memory", mounts, membership);
  return {
    version: cpu?.version ?? memory?.version ?? null,
    cpuQuota: tightest(cpu?.folders ?? [], (dir) =>
      cpu?.version === 2
        ? parseCpuMax(readText(`${dir}/cpu.max`))
        : parseCfsQuota(readText(`${dir}/cpu.cfs_quota_us`), readText(`${dir}/cpu.cfs_period_us`)),
    ),
    memoryLimitBytes: tightest(memory?.folders ?? [], (dir) =>
      parseBytes(readText(memory?.version === 2 ? `${dir}/memory.max` : `${dir}/memory.limit_in_bytes`)),
    ),
  };
}

/** `cpu.max` of version 2: "150000 100000" is 1.5 CPUs, "max 100000" no limit. */
export function parseCpuMax(text: string | null): number | null {
  const [quota, period] = (text ?? "").trim().split(/\s+/);
  return quota === undefined || quota === "max" ? null : ratio(Number(quota), Number(period ?? 100_000));
}

/** `cpu.cfs_quota_us` and `cpu.cfs_period_us` of version 1; a quota of -1 is no limit. */
export function parseCfsQuota(quota: string | null, period: string | null): number | null {
  return quota === null || period === null ? null : ratio(Number(quota), Number(period));
}

function ratio(quota: number, period: number): number | null {
  return quota > 0 && period > 0 ? quota / period : null;
}

function parseBytes(text: string | null): number | null {
  const bytes = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return bytes >= 0 && bytes < V1_UNLIMITED_BYTES ? bytes : null;
}

/** Where a controller's files are for this process: its group's folder, then each one above it up to the mount. */
function foldersOf(
  controller: string,
  mounts: readonly Mount[],
  membership: string,
): { version: 1 | 2; folders: string[] } | null {
  // Where both versions are mounted, a controller belongs to one of them, and version 1 names it.
  const mount =
    mounts.find(({ version, options }) => version === 1 && options.includes(controller)) ??
    mounts.find(({ version }) => version === 2);
  if (mount === undefined) return null;
  const group = groupOf(mount.version === 1 ? controller : null, membership);
  const inside =
    mount.root === "/" ? group : group.slice(group.startsWith(mount.root) ? mount.root.length : 0);
  const parts = inside.split("/").filter((part) => part !== "" && part !== "..");
  const folders = Array.from({ length: parts.length + 1 }, (_, index) =>
    [mount.mountPoint, ...parts.slice(0, parts.length - index)].join("/"),
  );
  return { version: mount.version, folders };
}

/** The group of this process, from lines like "4:cpu,cpuacct:/docker/1" (version 1) and "0::/user.slice" (version 2). */
function groupOf(controller: string | null, membership: string): string {
  for (const line of membership.split("\n")) {
    const [, id, controllers = "", group = "/"] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (
      controller === null ? id === "0" && controllers === "" : controllers.split(",").includes(controller)
    ) {
      return group;
    }
  }
  return "/";
}

/** Lines of proc_pid_mountinfo(5): "36 35 0:30 <root> <mount point> <options> - <type> <source> <super options>". */
function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split("\n").flatMap((line): Mount[] => {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root, mountPoint] = left.split(" ");
    const [type, , superOptions = ""] = right.split(" ");
    if (root === undefined || mountPoint === undefined) return [];
    if (type === "cgroup2") return [{ root, mountPoint, version: 2, options: [] }];
    if (type === "cgroup") return [{ root, mountPoint, version: 1, options: superOptions.split(",") }];
    return [];
  });
}

function tightest(folders: readonly string[], limitOf: (dir: string) => number | null): number | null {
  const limits = folders.flatMap((dir) => limitOf(dir) ?? []);
  return limits.length === 0 ? null : Math.min(...limits);
}
