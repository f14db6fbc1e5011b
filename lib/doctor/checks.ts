/** Judges what the doctor found. Pure. */
import { dirname, sep } from "node:path";
import { FETCH_COMMAND, RUNTIME_VERSION } from "../runtime/pins.js";
import { canRun, describeFlags, instructionSetName } from "../host/kernels/instruction-sets.js";
import { judgeFailure } from "./engine-failure.js";
import type { CheckStatus, DoctorCheck, DoctorFacts } from "./report.js";

/** What went wrong on the way, as messages for people; null where nothing did. */
export interface Problems {
  readonly platform: string | null;
  readonly runtime: string | null;
  readonly addon: string | null;
  readonly devices: string | null;
  /** Files of the default model that differ from its manifest. */
  readonly model: string | null;
}

/** What the checks need to know beside the facts. */
export interface CheckContext {
  readonly problems: Problems;
  /** The environment of the process. */
  readonly env: NodeJS.ProcessEnv;
  /** Name of the model that the commands use by default. */
  readonly defaultModel: string;
  /** The commands that get the runtime where there is none. */
  readonly runtimeCommands: string;
  /** The commands that get the default model where it is not there. */
  readonly modelCommands: string;
}

const MINIMUM_NODE = "20.19";
/** A small model and its runtime fit into this. */
const LITTLE_MEMORY_BYTES = 1e9;
const ADDON_CURE = "in a checkout: npm run setup; in an app: install this package anew";

/** One check after the other, in the order in which a cure helps. */
export function checksOf(facts: DoctorFacts, context: CheckContext): DoctorCheck[] {
  return [
    checkNode(facts),
    checkPlatform(facts, context),
    checkRuntime(facts, context),
    checkAddon(facts, context),
    checkProcessor(facts),
    ...checkAmx(facts),
    checkInference(facts, context),
    ...checkEnvironment(context),
    checkThreads(facts),
    checkMemory(facts),
    checkModel(facts, context),
  ];
}

function check(
  name: DoctorCheck["name"],
  status: CheckStatus,
  message: string,
  cure: string | null = null,
): DoctorCheck {
  return { name, status, message, cure };
}

function checkNode({ versions }: DoctorFacts): DoctorCheck {
  const [major = 0, minor = 0] = versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return check("node", "ok", `Node.js ${versions.node}`);
  return check(
    "node",
    "fail",
    `Expected Node.js ${MINIMUM_NODE} or newer but this is ${versions.node}`,
    "install a newer one: https://nodejs.org",
  );
}

function checkPlatform({ system }: DoctorFacts, { problems }: CheckContext): DoctorCheck {
  const { os, arch, glibc } = system;
  if (problems.platform === null) return check("platform", "ok", `${os}-${arch}, glibc ${glibc}`);
  return check("platform", "fail", problems.platform, "use a container of Ubuntu 22.04, Debian 12 or newer");
}

function checkRuntime({ runtime }: DoctorFacts, context: CheckContext): DoctorCheck {
  const { problems } = context;
  const cure = runtimeCure(runtime, context);
  if (problems.runtime !== null) return check("runtime", "fail", problems.runtime, cure);
  if (runtime === null) return check("runtime", "fail", "not looked for", cure);
  if (runtime.missing.length > 0) {
    return check("runtime", "warn", `${runtime.dir} lacks ${runtime.missing.join(", ")}`, cure);
  }
  return check("runtime", "ok", `OpenVINO ${RUNTIME_VERSION} in ${runtime.dir}`);
}

/** What helps where the runtime is missing, or files of it differ. */
function runtimeCure(
  runtime: DoctorFacts["runtime"],
  { env, runtimeCommands }: Pick<CheckContext, "env" | "runtimeCommands">,
): string {
  if (env["OPENVINO_LLM_RUNTIME"]) return "correct or unset OPENVINO_LLM_RUNTIME";
  if (runtime === null) return runtimeCommands;
  if (runtime.source === "cache") return FETCH_COMMAND;
  return installAnew(dirname(runtime.dir));
}

/** npm looks at no files of a package that is there. */
function installAnew(folder: string): string {
  return `remove the folder ${folder}, then: npm install`;
}

function checkAddon({ addon }: DoctorFacts, { problems }: CheckContext): DoctorCheck {
  if (addon === null || problems.addon !== null) {
    return check("addon", "fail", problems.addon ?? "not found", ADDON_CURE);
  }
  return check("addon", "ok", addon.path);
}

function checkProcessor({ cpu }: DoctorFacts): DoctorCheck {
  const flags = describeFlags(cpu.flags);
  if (cpu.flags.avx2) return check("processor", "ok", flags);
  return check(
    "processor",
    "warn",
    `no AVX2${flags === "" ? "" : `, only ${flags}`}: inference falls back to SSE4.1 and is slow`,
    "use a processor of 2014 or newer; in a virtual machine, pass the host's processor through",
  );
}

function checkAmx({ cpu }: DoctorFacts): DoctorCheck[] {
  const { amxTile, amxPermitted } = cpu.flags;
  if (!amxTile) return [];
  if (amxPermitted === true) return [check("amx", "ok", "the kernel lets this process use AMX tiles")];
  if (amxPermitted === null) return [check("amx", "warn", "not asked for, because that needs the addon")];
  return [
    check(
      "amx",
      "warn",
      "the processor has AMX, but the kernel does not let this process use its tiles",
      "Linux 5.16 or newer, and a container profile that allows arch_prctl(2)",
    ),
  ];
}

function checkInference(
  { inference, cpu, runtime }: DoctorFacts,
  { problems, ...context }: CheckContext,
): DoctorCheck {
  if (inference === null) {
    return check("inference", "warn", "not tried, because the libraries could not be opened");
  }
  if (!inference.ok) {
    const { message, cure } = judgeFailure(inference.failure, runtimeCure(runtime, context));
    return check("inference", "fail", message, cure);
  }
  const { kernels, corrections } = inference;
  if (corrections.length > 0) {
    const sentences = corrections.map(
      ({ name, from, to, reason }) => `${name} is ${to} instead of ${from}: ${reason}`,
    );
    const cure = "nothing, or give an inference two threads: what was corrected is in llm.properties";
    return check(
      "inference",
      "warn",
      `16-bit weights run with a corrected default. ${sentences.join(" ")}`,
      cure,
    );
  }
  if (!kernels.ok) {
    return check("inference", "warn", `runs, but with which kernels is not known: ${kernels.message}`);
  }
  const { instructionSet, activationTypes } = kernels;
  if (instructionSet === null)
    return check("inference", "warn", "runs, but oneDNN's log names no instruction set");
  const found = `${instructionSetName(instructionSet)} (oneDNN: ${instructionSet}), ${activationTypes.join(" and ")} activations`;
  if (!canRun(instructionSet, cpu.flags)) {
    return check("inference", "warn", `${found}, which the processor does not report`);
  }
  if (problems.devices !== null) {
    return check("inference", "warn", `${found}; the devices could not be listed: ${problems.devices}`);
  }
  return check("inference", "ok", found);
}

/** Variables that change what oneDNN does. */
function checkEnvironment({ env }: CheckContext): DoctorCheck[] {
  const limit = env["ONEDNN_MAX_CPU_ISA"];
  const verbose = env["ONEDNN_VERBOSE"];
  const checks: DoctorCheck[] = [];
  if (limit !== undefined) {
    const message = `ONEDNN_MAX_CPU_ISA=${limit} keeps oneDNN from higher instruction sets`;
    checks.push(check("environment", "warn", message, "unset ONEDNN_MAX_CPU_ISA"));
  }
  // With executions in the log the pinned build fails at random, see the inference probe.
  if (verbose !== undefined && !/^(0|none|error|check|dispatch|profile_create)$/i.test(verbose)) {
    const message = `ONEDNN_VERBOSE=${verbose} makes inference fail at random in this build of OpenVINO`;
    checks.push(check("environment", "warn", message, "unset ONEDNN_VERBOSE, or set it to profile_create"));
  }
  return checks;
}

function checkThreads({ cpu }: DoctorFacts): DoctorCheck {
  const { availableThreads, quotaCpus } = cpu;
  const threads = `${availableThreads} hardware ${availableThreads === 1 ? "thread" : "threads"}`;
  if (quotaCpus === null) return check("threads", "ok", `${threads}, no quota`);
  const quota = `a quota of ${Number(quotaCpus.toFixed(2))} CPUs`;
  if (quotaCpus >= availableThreads) return check("threads", "ok", `${threads}, ${quota}`);
  const fitting = Math.max(1, Math.floor(quotaCpus));
  return check(
    "threads",
    "warn",
    `${threads}, but ${quota}: more threads than that stop each other`,
    `generate --threads ${fitting}, or load() with { properties: { INFERENCE_NUM_THREADS: ${fitting} } }`,
  );
}

function checkMemory({ memory }: DoctorFacts): DoctorCheck {
  const usable = Math.min(memory.availableBytes ?? memory.totalBytes, memory.limitBytes ?? Infinity);
  const found = `${(usable / 1e9).toFixed(1)} GB available`;
  if (usable >= LITTLE_MEMORY_BYTES) return check("memory", "ok", found);
  return check(
    "memory",
    "warn",
    `${found}: enough for the smallest models only`,
    "free memory or raise the limit",
  );
}

function checkModel(
  { cache, defaultModel: profiled }: DoctorFacts,
  { defaultModel, problems, modelCommands }: CheckContext,
): DoctorCheck {
  const found = cache.models.find(({ name }) => name === defaultModel);
  if (found === undefined) {
    const message = `the default model ${defaultModel} is not on this machine`;
    return check("model", "warn", message, modelCommands);
  }
  if (problems.model !== null) {
    const isCached = found.dir.startsWith(`${cache.dir}${sep}`);
    return check(
      "model",
      "fail",
      `${defaultModel} is damaged: ${problems.model}`,
      isCached ? `npx openvino-llm models fetch ${defaultModel}` : installAnew(dirname(found.dir)),
    );
  }
  if (profiled !== null && !profiled.kernels.ok) {
    return check("model", "warn", `${profiled.name} is here. ${profiled.kernels.message}`);
  }
  return check("model", "ok", `here: ${cache.models.map(({ name }) => name).join(", ")}`);
}
