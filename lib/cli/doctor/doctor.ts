import type { Command } from "commander";

import { invalidArgType } from "../../errors/errors.js";
import { examine } from "../../doctor/examine.js";
import type { ModelKernels } from "../../doctor/model-kernels.js";
import { describeFlags, instructionSetName } from "../../host/kernels/instruction-sets.js";
import { layerTypesText, weightLayerLines } from "../../host/kernels/kernel-text.js";
import type { CheckStatus, CpuFacts, DoctorCheck, DoctorReport } from "../../doctor/report.js";
import { DEFAULT_MODEL } from "../default-model.js";
import { printModelCheck } from "./doctor-model.js";
import { EXIT_FAILURE } from "../terminal/failure.js";
import { integer, pair, repeated } from "../terminal/flag-values.js";
import { addProfileFlags, type EngineFlags } from "../generate/generate-flags.js";
import { formatBytes, formatCount, formatTable } from "../terminal/format.js";
import { withProgress } from "../terminal/progress.js";
import { styleFor, type Style } from "../terminal/style.js";

type DoctorFlags = Pick<EngineFlags, "property" | "threads" | "profile" | "performanceHint"> & {
  readonly model?: string;
  readonly json?: boolean;
};

/** Adds `doctor`. The report goes to stdout; the exit code is 1 when a check failed. */
export function registerDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description(
      "report versions, libraries, the processor and what inference makes of it; say how to fix what fails",
    )
    .option(
      "--model <model>",
      "check a model instead: run it with the properties, compare it with f32, and say whether it answers correctly",
    )
    .option("--threads <n>", "threads of inference, with --model (default: OpenVINO's choice)", integer)
    .option("--property <NAME=VALUE>", "an OpenVINO property, with --model; can be repeated", repeated(pair));
  addProfileFlags(command)
    .option("--json", "print the report as JSON")
    .action(async (flags: DoctorFlags) => {
      if (flags.model !== undefined) return printModelCheck(flags.model, flags);
      const { property, threads, profile, performanceHint } = flags;
      const ofModel = {
        "--property": property,
        "--threads": threads,
        "--profile": profile,
        "--performance-hint": performanceHint,
      };
      for (const [flag, value] of Object.entries(ofModel)) {
        if (value !== undefined) throw invalidArgType(flag, "no value without --model", value);
      }
      const report = await withProgress("Examining this machine", () => examine(DEFAULT_MODEL));
      const text = flags.json
        ? JSON.stringify(report, null, 2)
        : reportText(report, styleFor(process.stdout));
      process.stdout.write(`${text}\n`);
      if (!report.ok) process.exitCode = EXIT_FAILURE;
    });
}

/** The report for people. */
export function reportText(report: DoctorReport, style: Style): string {
  const sections: ReadonlyArray<readonly [string, string[]]> = [
    ["Versions", versionRows(report)],
    ["Libraries", libraryRows(report)],
    ["Processor", processorRows(report)],
    ["Inference", inferenceRows(report)],
    ["Cache", cacheRows(report)],
    ["Checks", report.checks.flatMap((check) => checkLines(check, style))],
  ];
  return sections
    .flatMap(([title, lines]) => [style.strong(title), ...lines, ""])
    .join("\n")
    .trimEnd();
}

function versionRows({ versions, system }: DoctorReport): string[] {
  return formatTable([
    ["openvino-llm", versions.package],
    ["Node.js", versions.node],
    ["OpenVINO", versions.openvino ?? "unknown"],
    ["OpenVINO GenAI", versions.genai ?? "unknown"],
    ["OpenVINO Tokenizers", versions.tokenizers ?? "unknown"],
    ["oneDNN", versions.oneDnn ?? "unknown"],
    ["System", `${system.os}-${system.arch}, kernel ${system.kernel}, glibc ${system.glibc ?? "none"}`],
  ]);
}

function libraryRows({ runtime, addon }: DoctorReport): string[] {
  if (runtime === null) return formatTable([["Runtime", "not found"]]);
  const libraries = runtime.loaded.length > 0 ? runtime.loaded : runtime.libraries;
  return formatTable([
    ["Runtime", `${runtime.dir} (${runtime.layout}, from ${SOURCES[runtime.source]})`],
    ["Addon", addon?.path ?? "not found"],
    [runtime.loaded.length > 0 ? "Loaded" : "To be loaded", libraries.join("\n")],
    ["Tokenizers", runtime.tokenizersLibrary],
  ]);
}

const SOURCES = { env: "OPENVINO_LLM_RUNTIME", package: "an installed package", cache: "the cache" } as const;

function processorRows({ cpu, memory, devices }: DoctorReport): string[] {
  const { totalBytes, availableBytes, limitBytes } = memory;
  const limit = limitBytes === null ? "no limit" : `limit ${formatBytes(limitBytes)}`;
  const available = availableBytes === null ? "unknown" : formatBytes(availableBytes);
  return formatTable([
    ["Model", cpu.model ?? "unknown"],
    ["Cores", coresText(cpu)],
    ["Instruction sets", describeFlags(cpu.flags) || "no AVX2"],
    ["AMX tiles", amxText(cpu)],
    ["Memory", `${formatBytes(totalBytes)}, ${available} available, ${limit}`],
    ...(devices.length === 0
      ? []
      : [["Devices", devices.map((d) => `${d.name}: ${d.capabilities.join(", ")}`).join("\n")] as const]),
  ]);
}

function coresText({ sockets, cores, threads, availableThreads, quotaCpus }: CpuFacts): string {
  const quota =
    quotaCpus === null ? "no quota" : `a quota of ${formatCount(Number(quotaCpus.toFixed(2)), "CPU")}`;
  return (
    `${formatCount(cores, "core")} on ${formatCount(sockets, "socket")}, ${formatCount(threads, "thread")}\n` +
    `this process may use ${availableThreads}, ${quota}`
  );
}

function amxText({ flags }: CpuFacts): string {
  if (!flags.amxTile) return "none";
  if (flags.amxPermitted === null) return "permission not asked for";
  return flags.amxPermitted ? "the kernel lets this process use them" : "refused by the kernel";
}

function inferenceRows({ inference, defaultModel }: DoctorReport): string[] {
  return formatTable([
    ...(inference === null
      ? [["Uses", "not tried"] as const]
      : inference.ok
        ? probeRows(inference.kernels)
        : [["Failed", inference.failure.outcome.message] as const]),
    ...(defaultModel === null ? [] : [[defaultModel.name, kernelsText(defaultModel.kernels)] as const]),
  ]);
}

function probeRows(kernels: ModelKernels): ReadonlyArray<readonly [string, string]> {
  if (!kernels.ok) return [["Uses", kernels.message]];
  const { instructionSet, inForce, detected, oneDnnKernels } = kernels;
  const uses =
    instructionSet === null ? "unknown" : `${instructionSetName(instructionSet)} (${instructionSet})`;
  const perKernel = oneDnnKernels.map(({ operation, implementation, types, count }) => {
    const operands = Object.values(types).join(" ");
    return `${count} × ${operation} ${implementation} (${operands})`;
  });
  return [
    ["Uses", uses],
    ["Precision", inForce.inferencePrecision ?? "unknown"],
    ["oneDNN found", detected ?? "unknown"],
    ["Kernels made", perKernel.join("\n") || "none"],
    ["Tiny model", kernelsText(kernels)],
    ["Your model", "generate --stats --model MODEL"],
  ];
}

/** What the weight layers take, and what runs them in each phase. */
function kernelsText(kernels: ModelKernels): string {
  if (!kernels.ok) return kernels.message;
  return [layerTypesText(kernels), ...weightLayerLines(kernels)].join("\n");
}

function cacheRows({ cache }: DoctorReport): string[] {
  const models = cache.models.map(({ name, sizeBytes }) => `${name} (${formatBytes(sizeBytes)})`);
  return formatTable([
    ["Folder", cache.dir],
    ["Models", models.join("\n") || "none"],
  ]);
}

function checkLines({ name, status, message, cure }: DoctorCheck, style: Style): string[] {
  const mark: Record<CheckStatus, (text: string) => string> = {
    ok: style.good,
    warn: style.warning,
    fail: style.bad,
  };
  // A library's own message may say the cure already.
  const isSaid = cure === null || message.includes(cure);
  const lines = isSaid ? message : `${message}\n→ ${cure}`;
  const [first = "", ...rest] = formatTable([[name.padEnd(11), lines]]);
  return [`  ${mark[status](status.padEnd(4))}${first}`, ...rest.map((line) => `      ${line}`)];
}
