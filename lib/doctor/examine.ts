/** Collects what the doctor reports. */
import { existsSync, readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { availableParallelism, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { openBinding, type Binding, type NativeDevice } from "../native/binding.js";
import { findAddon } from "../native/find-addon.js";
import { cacheDir } from "../cache/cache.js";
import { OpenVinoLlmError } from "../errors/errors.js";
import { flagsFromKernel, type CpuFlags } from "../host/kernels/instruction-sets.js";
import { listModels } from "../models/list.js";
import { commandsToGetModel } from "../models/store/known-models.js";
import { verifyFolder } from "../models/store/verify.js";
import { devicesOf } from "../runtime/devices.js";
import { commandsToGetRuntime, locateRuntime, type RuntimeLocation } from "../runtime/locate.js";
import { readManifest, verifyManifest } from "../runtime/manifest.js";
import { RUNTIME_LIBRARIES } from "../runtime/pins.js";
import { assertPlatform, currentPlatform } from "../runtime/platform.js";
import { readCgroupLimits, type CgroupLimits } from "../host/cgroup.js";
import { checksOf, type Problems } from "./checks.js";
import { memoryFigure, parseCpuInfo } from "../host/cpu-info.js";
import { probeInference, type InferenceProbe } from "./inference-probe.js";
import { kernelsOf } from "./model-kernels.js";
import type { CachedModel, CpuFacts, DoctorFacts, DoctorReport, MemoryFacts, SystemFacts } from "./report.js";
import { readVersions } from "./versions.js";

/** Beyond that the default model says nothing of its kernels. */
const PROFILE_TIMEOUT_MS = 60_000;

/**
 * Examines this machine and this installation. Never throws: what is missing or broken is in the report, each failed
 * check with its cure. Runs a tiny model and the default one in child processes, which takes a few seconds.
 *
 * @param defaultModel - the model that is expected on this machine.
 */
export async function examine(defaultModel: string): Promise<DoctorReport> {
  const platform = messageOf(() => assertPlatform());
  const { location, problem: locationProblem } = findRuntime();
  const damagedFiles = location === null ? null : await differingFiles(location);
  const damage = location === null ? null : damageText(location, damagedFiles);
  const { binding, error } =
    location === null || platform !== null || damage !== null
      ? { binding: null, error: null }
      : openLibraries();
  const { path: addonPath, problem: addonProblem } = lookForAddon();
  const isRuntimeError = error?.code === "ERR_RUNTIME_NOT_FOUND" || error?.code === "ERR_RUNTIME_VERSION";
  const { devices, problem: devicesProblem } = await listDevices(binding);
  const cached = await cachedModels();
  const modelProblem = await modelDamage(cached, defaultModel);
  const problems: Problems = {
    platform,
    runtime: locationProblem ?? damage ?? (isRuntimeError ? (error?.message ?? null) : null),
    addon: addonProblem ?? (isRuntimeError ? null : (error?.message ?? null)),
    devices: devicesProblem,
    model: modelProblem,
  };
  const { inference, defaultModel: profiled } = await runModels(
    binding,
    damagedFiles,
    modelProblem === null ? cached : [],
    defaultModel,
  );
  const limits = readCgroupLimits(readText);
  const facts: DoctorFacts = {
    versions: { ...(await readVersions(location)), oneDnn: oneDnnVersion(inference) },
    system: systemFacts(),
    runtime:
      location === null
        ? null
        : { ...location, missing: missingLibraries(location), loaded: binding?.loader.where() ?? [] },
    addon: addonPath === null ? null : { path: addonPath },
    cpu: cpuFacts(binding, limits),
    memory: memoryFacts(limits),
    cgroupVersion: limits.version,
    inference,
    defaultModel: profiled,
    devices,
    cache: { dir: cacheDir(), models: cached },
  };
  const checks = checksOf(facts, {
    problems,
    env: process.env,
    defaultModel,
    runtimeCommands: commandsToGetRuntime(),
    modelCommands: commandsToGetModel(defaultModel),
  });
  return { schema: 1, ok: checks.every(({ status }) => status !== "fail"), checks, ...facts };
}

/** What this processor has: asked by way of the addon, else what Linux lists. */
export function cpuFlags(binding: Binding | null): { flags: CpuFlags; from: CpuFacts["flagsFrom"] } {
  if (binding !== null) return { flags: binding.core.cpuFeatures(), from: "cpuid" };
  return {
    flags: flagsFromKernel(parseCpuInfo(readText("/proc/cpuinfo") ?? "").flags),
    from: "/proc/cpuinfo",
  };
}

/** The name of this processor; null where the kernel does not report it. */
export function cpuModel(): string | null {
  return parseCpuInfo(readText("/proc/cpuinfo") ?? "").model;
}

function findRuntime(): { location: RuntimeLocation | null; problem: string | null } {
  try {
    return { location: locateRuntime(), problem: null };
  } catch (error) {
    return { location: null, problem: textOf(error) };
  }
}

function lookForAddon(): { path: string | null; problem: string | null } {
  try {
    return { path: findAddon(), problem: null };
  } catch (error) {
    return { path: null, problem: textOf(error) };
  }
}

/** Opening a library that is damaged can end the process. */
function damageText({ dir }: RuntimeLocation, damagedFiles: readonly string[] | null): string | null {
  if (damagedFiles === null || damagedFiles.length === 0) return null;
  return `The runtime in ${dir} is damaged: ${damagedFiles.join("; ")}`;
}

/** Files that differ from the manifest, by size or hash, a line for each; null where there is no manifest. */
async function differingFiles({ dir, layout }: RuntimeLocation): Promise<string[] | null> {
  const entry = dirname(dir);
  const manifest = layout === "flat" ? await readManifest(entry) : null;
  return manifest === null ? null : verifyManifest(entry, manifest).catch(() => null);
}

/** Files of the default model that differ from its manifest; null where none does, or it is not known. */
async function modelDamage(cached: readonly CachedModel[], defaultModel: string): Promise<string | null> {
  const found = cached.find(({ name }) => name === defaultModel);
  if (found === undefined) return null;
  const problems = await verifyFolder(found.dir).then(
    (verified) => verified.problems,
    (error: unknown) => [textOf(error)],
  );
  return problems.length === 0 ? null : problems.join("; ");
}

/** Runs the tiny model, and the default one where it is there. */
async function runModels(
  binding: Binding | null,
  damagedFiles: readonly string[] | null,
  cached: readonly CachedModel[],
  defaultModel: string,
): Promise<Pick<DoctorFacts, "inference" | "defaultModel">> {
  if (binding === null) return { inference: null, defaultModel: null };
  const { flags } = cpuFlags(binding);
  const inference = await probeInference({ flags, damagedFiles: () => Promise.resolve(damagedFiles) });
  const found = cached.find(({ name }) => name === defaultModel);
  if (found === undefined) return { inference, defaultModel: null };
  const kernels = await kernelsOf(found.dir, { timeoutMs: PROFILE_TIMEOUT_MS });
  return { inference, defaultModel: { name: found.name, kernels } };
}

function oneDnnVersion(inference: InferenceProbe | null): string | null {
  return inference?.ok === true && inference.kernels.ok ? inference.kernels.oneDnnVersion : null;
}

function openLibraries(): { binding: Binding | null; error: OpenVinoLlmError | null } {
  try {
    return { binding: openBinding(), error: null };
  } catch (error) {
    const known = error instanceof OpenVinoLlmError;
    return { binding: null, error: known ? error : new OpenVinoLlmError("ERR_NATIVE", textOf(error)) };
  }
}

async function listDevices(
  binding: Binding | null,
): Promise<{ devices: readonly NativeDevice[]; problem: string | null }> {
  if (binding === null) return { devices: [], problem: null };
  try {
    const { hardware } = devicesOf(binding.runtime);
    return { devices: await binding.core.listDevices(hardware), problem: null };
  } catch (error) {
    return { devices: [], problem: textOf(error) };
  }
}

function missingLibraries({ dir, layout }: RuntimeLocation): string[] {
  return RUNTIME_LIBRARIES.filter(
    ({ name, sitePackages }) =>
      !existsSync(layout === "flat" ? join(dir, name) : join(dir, sitePackages, name)),
  ).map(({ name }) => name);
}

function systemFacts(): SystemFacts {
  const { os, arch, glibc } = currentPlatform();
  return { os, arch, kernel: release(), glibc: glibc ?? null };
}

function cpuFacts(binding: Binding | null, limits: CgroupLimits): CpuFacts {
  const { model, sockets, cores, threads } = parseCpuInfo(readText("/proc/cpuinfo") ?? "");
  const { flags, from } = cpuFlags(binding);
  const availableThreads = availableParallelism();
  return {
    model,
    sockets,
    cores,
    threads,
    availableThreads,
    quotaCpus: limits.cpuQuota,
    flags,
    flagsFrom: from,
  };
}

function memoryFacts(limits: CgroupLimits): MemoryFacts {
  const availableBytes = memoryFigure(readText("/proc/meminfo") ?? "", "MemAvailable");
  return { totalBytes: totalmem(), availableBytes, limitBytes: limits.memoryLimitBytes };
}

async function cachedModels(): Promise<CachedModel[]> {
  const listed = await listModels();
  const present = listed.flatMap(({ name, dir }) => (dir === null ? [] : [{ name, dir }]));
  return Promise.all(present.map(async (model) => ({ ...model, sizeBytes: await folderSize(model.dir) })));
}

async function folderSize(dir: string): Promise<number> {
  const names = await readdir(dir).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => {
      const stats = await stat(join(dir, name)).catch(() => null);
      return stats?.isFile() ? stats.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function messageOf(assertion: () => void): string | null {
  try {
    assertion();
    return null;
  } catch (error) {
    return textOf(error);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
