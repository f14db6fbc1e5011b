/** Processes by names that can be judged later, also from another container or another host. */
import { randomUUID } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

import { codeOf } from "../errors/errors.js";

/** Whether a process lives; "unseen" where its id means nothing here. */
export type ProcessState = "lives" | "gone" | "unseen";

/** The process that uses an entry of the cache, as far as its name is known. */
export interface CacheHolder {
  /** Process id, in the PID namespace of that process. Null where the name does not have it. */
  readonly pid: number | null;
  /** Host name, in a container that of the container. Null where the name does not have it. */
  readonly host: string | null;
}

/** Stands for what cannot be known. */
const UNKNOWN = "-";

/**
 * A new name of this process: its id and start time (ids are used again), an id of the name itself, and where the first two
 * hold: boot, PID namespace, host.
 */
export async function newName(): Promise<string> {
  const start = (await readStat("self"))?.start ?? UNKNOWN;
  const { boot, namespace } = await ownPlace();
  return [process.pid, start, randomUUID(), boot, namespace, hostname()].join(" ");
}

/** Whether the process of a name lives. */
export async function stateOf(name: string): Promise<ProcessState> {
  const [id = "", start, , boot, namespace] = name.trim().split(" ");
  const pid = Number(id);
  const here = await ownPlace();
  const isHere = boot === here.boot && namespace === here.namespace && boot !== UNKNOWN;
  if (!isHere || !Number.isSafeInteger(pid) || pid < 1) return "unseen";
  const stat = await readStat(pid);
  // One that has ended stays listed as a zombie until its parent asks for its exit code, which some never do.
  if (stat !== null) return stat.start === start && !stat.isZombie ? "lives" : "gone";
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return "gone";
  }
  // There is such a process, of another user, and /proc is mounted so that it hides those.
  return "unseen";
}

/** Who a name is of. */
export function holderOf(name: string): CacheHolder {
  const [pid, , , , , host] = name.trim().split(" ");
  return {
    pid: pid !== undefined && /^\d+$/.test(pid) ? Number(pid) : null,
    host: host !== undefined && /^[\w.-]+$/.test(host) ? host : null,
  };
}

/** A holder in words, for messages. */
export function holderText({ pid, host }: CacheHolder): string {
  const place = host === null ? "" : ` on ${host}`;
  return pid === null ? `another process${place}` : `process ${pid}${place}`;
}

/** Where ids of processes mean the same: the running kernel and its PID namespace. */
async function ownPlace(): Promise<{ boot: string; namespace: string }> {
  try {
    const [stat, boot, namespace] = await Promise.all([
      readStat("self"),
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      readlink("/proc/self/ns/pid"),
    ]);
    // A /proc of another namespace has other processes.
    if (stat?.pid === process.pid) return { boot: boot.trim(), namespace };
  } catch {
    // No /proc, or one that does not have it.
  }
  return { boot: UNKNOWN, namespace: UNKNOWN };
}

/** What proc_pid_stat(5) says; null when there is no such process, or it is hidden. */
async function readStat(
  pid: number | "self",
): Promise<{ pid: number; start: string; isZombie: boolean } | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (text === null) return null;
  // The second field, the command in parentheses, may hold spaces and parentheses itself. Field 22: clock ticks since boot.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { pid: Number.parseInt(text, 10), start: fields[19] ?? UNKNOWN, isZombie: fields[0] === "Z" };
}
