/** Profiles from files, which may come from anybody: nothing is taken that was not checked. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";

import { codeOf, OpenVinoLlmError } from "../errors/errors.js";
import { resolveSpeculativeScheduler } from "../options/speculation.js";
import {
  PROFILE_HOLDS,
  type Profile,
  type ProfileEvidence,
  type ProfileLevel,
  type ProfileLoad,
  type ProfileProperties,
  type ProfileRatio,
  type ProfileSettings,
} from "./profile.js";
import { inside, profileError, ProfileFields } from "./profile-fields.js";

/** A profile has some 3 kB. */
const MAX_BYTES = 256 * 1024;
const MAX_INT32 = 2 ** 31 - 1;
const COUNT = { min: 1, max: MAX_INT32 };
const MAX_CPUS = 2 ** 16;
/** Ratios, milliseconds, perplexities. */
const POSITIVE = { min: Number.MIN_VALUE, max: Number.MAX_VALUE };
const SHA256 = /^[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/**
 * Reads a profile and checks every field.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_PROFILE naming the file and the field
 */
export async function readProfile(file: string): Promise<Profile> {
  const text = await readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw profileError(file, `Expected JSON but parsing it failed: ${messageOf(cause)}.`, cause);
  }
  return profileOf(value, file);
}

/**
 * A profile of the value of a JSON file.
 *
 * @param file - what errors call it
 * @throws OpenVinoLlmError ERR_PROFILE
 */
export function profileOf(value: unknown, file: string): Profile {
  return inside(new ProfileFields(file, "", value), (fields) => {
    // First of all: the fields of another version are others.
    const version = fields.choice("version", [1]);
    const cpu = fields.object("cpu", (cpu) => ({
      modelName: cpu.nullable("modelName", (name) => cpu.text(name)),
      family: cpu.nullable("family", (name) => cpu.integer(name, { min: 0, max: MAX_INT32 })),
      model: cpu.nullable("model", (name) => cpu.integer(name, { min: 0, max: MAX_INT32 })),
      instructionSets: cpu.list("instructionSets", (sets, index) => sets.text(index)),
      cpus: cpu.integer("cpus", { min: 1, max: MAX_CPUS }),
    }));
    return {
      ...fields.optional("$schema", (name) => fields.text(name)),
      version,
      model: fields.object("model", (model) => ({
        name: model.text("name"),
        graphSha256: model.matching("graphSha256", SHA256, "a SHA-256 in lower-case hex"),
        weightsBytes: model.integer("weightsBytes", { min: 0, max: Number.MAX_SAFE_INTEGER }),
        weightFormat: model.text("weightFormat"),
      })),
      cpu,
      versions: fields.object("versions", (versions) => ({
        openvinoLlm: versions.text("openvinoLlm"),
        openvino: versions.text("openvino"),
        openvinoGenai: versions.text("openvinoGenai"),
      })),
      load: fields.object("load", readLoad),
      objective: fields.choice("objective", ["latency", "throughput", "goodput"]),
      settings: fields.object("settings", (settings) => readSettings(settings, cpu.cpus, file)),
      evidence: fields.object("evidence", readEvidence),
      created: readCreated(fields),
      holds: readHolds(fields),
    };
  });
}

function readLoad(load: ProfileFields): ProfileLoad {
  return {
    inputLen: load.integer("inputLen", COUNT),
    outputLen: load.integer("outputLen", COUNT),
    levels: load.list("levels", (levels, index) => levels.integer(index, COUNT)),
    ...load.optional("slo", (name) =>
      load.object(name, (slo) => ({
        ...slo.optional("ttftMs", (limit) => slo.number(limit, POSITIVE)),
        ...slo.optional("tpotMs", (limit) => slo.number(limit, POSITIVE)),
      })),
    ),
  };
}

function readSettings(settings: ProfileFields, cpus: number, file: string): ProfileSettings {
  const read: ProfileSettings = {
    pipeline: settings.choice("pipeline", ["LLMPipeline", "ContinuousBatchingPipeline"]),
    properties: settings.object("properties", (properties) => readProperties(properties, cpus)),
    ...settings.optional("scheduler", (name) =>
      settings.object(name, (scheduler) => ({
        ...scheduler.optional("maxNumBatchedTokens", (option) => scheduler.integer(option, COUNT)),
        ...scheduler.optional("maxNumSeqs", (option) => scheduler.integer(option, COUNT)),
        ...scheduler.optional("dynamicSplitFuse", (option) => scheduler.boolean(option)),
      })),
    ),
    ...settings.optional("promptLookup", (name) => settings.boolean(name)),
  };
  if (read.scheduler !== undefined && read.pipeline === "LLMPipeline") {
    throw settings.refusal("scheduler", 'no value with the pipeline "LLMPipeline"', read.scheduler);
  }
  try {
    resolveSpeculativeScheduler(read.scheduler, read.promptLookup === true ? "prompt-lookup" : "none");
  } catch (cause) {
    throw profileError(
      file,
      `Settings contradict each other: ${messageOf(cause).replace(/\.$/, "")}.`,
      cause,
    );
  }
  return read;
}

function readProperties(properties: ProfileFields, cpus: number): ProfileProperties {
  return {
    ...properties.optional("INFERENCE_PRECISION_HINT", (name) =>
      properties.choice(name, ["f32", "bf16", "f16"]),
    ),
    ...properties.optional("DYNAMIC_QUANTIZATION_GROUP_SIZE", (name) =>
      properties.integer(name, { min: 0, max: MAX_INT32 }),
    ),
    ...properties.optional("KV_CACHE_PRECISION", (name) =>
      properties.choice(name, ["u8", "f16", "bf16", "f32"]),
    ),
    ...properties.optional("INFERENCE_NUM_THREADS", (name) =>
      properties.integer(name, { min: 1, max: cpus }),
    ),
    ...properties.optional("ENABLE_CPU_PINNING", (name) => properties.boolean(name)),
    ...properties.optional("ENABLE_HYPER_THREADING", (name) => properties.boolean(name)),
    ...properties.optional("SCHEDULING_CORE_TYPE", (name) =>
      properties.choice(name, ["ANY_CORE", "PCORE_ONLY", "ECORE_ONLY"]),
    ),
  };
}

function readEvidence(evidence: ProfileFields): ProfileEvidence {
  return {
    against: evidence.text("against"),
    ratio: readRatio(evidence, "ratio"),
    levels: evidence.list("levels", (levels, index) => levels.object(index, readLevel)),
    quality: evidence.nullable("quality", (name) =>
      evidence.object(name, (quality) => ({
        reference: quality.text("reference"),
        perplexity: quality.number("perplexity", POSITIVE),
        referencePerplexity: quality.number("referencePerplexity", POSITIVE),
        greedyAgreementPercent: quality.number("greedyAgreementPercent", { min: 0, max: 100 }),
        tokensCompared: quality.integer("tokensCompared", { min: 0, max: MAX_INT32 }),
      })),
    ),
  };
}

function readLevel(level: ProfileFields): ProfileLevel {
  return {
    concurrency: level.integer("concurrency", COUNT),
    tokensPerSecond: readRatio(level, "tokensPerSecond"),
    ttft: readRatio(level, "ttft"),
    tpot: level.nullable("tpot", (name) => readRatio(level, name)),
  };
}

function readRatio(parent: ProfileFields, name: string): ProfileRatio {
  return parent.object(name, (fields) => {
    const low = fields.number("low", POSITIVE);
    const high = fields.number("high", { ...POSITIVE, min: low });
    return { value: fields.number("value", { min: low, max: high }), low, high };
  });
}

function readCreated(fields: ProfileFields): string {
  const created = fields.matching("created", TIME, "a time in UTC such as 2026-11-28T21:00:00Z");
  if (Number.isNaN(Date.parse(created))) throw fields.refusal("created", "a time that there is", created);
  return created;
}

/** What a profile depends on is the same for all of this version. */
function readHolds(fields: ProfileFields): typeof PROFILE_HOLDS {
  const holds = fields.list("holds", (items, index) => items.choice(index, PROFILE_HOLDS));
  if (PROFILE_HOLDS.every((field) => holds.includes(field))) return PROFILE_HOLDS;
  throw fields.refusal("holds", `all of ${PROFILE_HOLDS.join(", ")}`, holds);
}

async function readText(file: string): Promise<string> {
  try {
    // Without waiting for whoever writes into a pipe.
    const opened = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await opened.stat();
      if (!stats.isFile()) throw profileError(file, "Expected a file but received a folder or a device.");
      if (stats.size > MAX_BYTES) {
        throw profileError(file, `Expected at most ${MAX_BYTES} bytes but received ${stats.size}.`);
      }
      const { bytesRead, buffer } = await opened.read(Buffer.alloc(MAX_BYTES + 1), { position: 0 });
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await opened.close();
    }
  } catch (cause) {
    if (cause instanceof OpenVinoLlmError) throw cause;
    if (codeOf(cause) === "ENOENT") throw profileError(file, "Expected a profile but there is no such file.");
    throw profileError(
      file,
      `Expected a file that can be read but reading it failed: ${messageOf(cause)}.`,
      cause,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
