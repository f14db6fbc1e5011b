/**
 * What a test needs that not every machine has. Where it is missing the test is skipped, and the last lines of `npm test`
 * say for want of what:
 *
 *   test("tiles are used", given(needs.amx), async () => …)
 *   describe("in Chromium", { ...given(need("Chromium", path !== null)), timeout: 60_000 }, () => …)
 *   test("room", async (context) => { demand(context, need("10 GB of free disk", free >= 10e9)); … })
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { TestContext } from "vitest";
import { parseCpuInfo } from "../../lib/host/cpu-info.js";
import { flagsFromKernel, type CpuFlags } from "../../lib/host/kernels/instruction-sets.js";
import type { Environment } from "../../packages/model-tools/lib/prepare/environment.js";

declare module "vitest" {
  interface TaskMeta {
    /** What a skipped test is skipped for want of. */
    missing?: string;
  }
}

/** One thing that a test needs. */
export interface Need {
  /** What follows "Skipped for want of"; the same words wherever it is the same thing. */
  readonly what: string;
  readonly isThere: boolean;
}

export function need(what: string, isThere: boolean): Need {
  return { what, isThere };
}

const flags = flagsFromKernel(parseCpuInfo(readFileSync("/proc/cpuinfo", "utf8")).flags);

/** Whether the processor has something and the kernel enables it. */
export function cpuHas(flag: Exclude<keyof CpuFlags, "amxPermitted">): boolean {
  return flags[flag];
}

/** What more than one file asks for. */
export const needs = {
  avx512: need("AVX-512", cpuHas("avx512bw")),
  avx512bf16: need("AVX-512 BF16", cpuHas("avx512bf16")),
  avx512fp16: need("AVX-512 FP16", cpuHas("avx512fp16")),
  amx: need("AMX", cpuHas("amxTile") && cpuHas("amxInt8") && cpuHas("amxBf16")),
  notRoot: need("a user other than root", process.getuid?.() !== 0),
  noSanitizer: need("an addon without sanitizers", process.env["OPENVINO_LLM_SANITIZE"] === undefined),
} as const satisfies Record<string, Need>;

/** Starts a command in a PID namespace of its own, as containers have one; null where this user, or a sanitizer, may not. */
export function findPidNamespaces(): { readonly starter: readonly string[] | null; readonly need: Need } {
  // LeakSanitizer ends every program in one.
  if (!needs.noSanitizer.isThere) return { starter: null, need: needs.noSanitizer };
  const namespace = ["--pid", "--fork", "--kill-child", "--mount-proc"];
  const ways = [namespace, ["--user", "--map-root-user", ...namespace]];
  const way = ways.find((args) => spawnSync("unshare", [...args, "true"]).status === 0);
  const starter = way === undefined ? null : ["unshare", ...way];
  return { starter, need: need("the right to make PID namespaces (unshare)", starter !== null) };
}

/** What the tests of the exporter need; nothing of ours makes it, because it takes 6.5 GB. */
export function exporterNeed(environment: Environment | null): Need {
  return need("the exporter's Python environment (models prepare)", environment !== null);
}

/** Options for `test` and `describe`: skipped where something is not there. */
export function given(...wanted: readonly Need[]): { skip?: true; meta?: { missing: string } } {
  const missing = missingOf(wanted);
  return missing === null ? {} : { skip: true, meta: { missing } };
}

/** The same for what only the test itself can find out: ends it as skipped where something is not there. */
export function demand({ task, skip }: Pick<TestContext, "task" | "skip">, ...wanted: readonly Need[]): void {
  const missing = missingOf(wanted);
  if (missing === null) return;
  task.meta.missing = missing;
  skip(`for want of ${missing}`);
}

function missingOf(wanted: readonly Need[]): string | null {
  const missing = wanted.filter(({ isThere }) => !isThere).map(({ what }) => what);
  return missing.length === 0 ? null : missing.join(" and ");
}
