/**
 * openvino-llm/internal: what the packages of this repository need of the library beyond its public surface. Not for others:
 * it changes without notice.
 */

// Errors and aborts
export { onAbort } from "./abort/on-abort.js";
export { codeOf, describe, invalidArgType, outOfRange } from "./errors/errors.js";
export { systemError, temporaryFolder, writing, type WriteTask } from "./errors/system-errors.js";

// Options and messages
export { normalizeProperties } from "./options/properties.js";
export {
  checkOptionValue,
  plainObjectEntries,
  unknownOption,
  type OptionCheck,
} from "./options/option-checks.js";
export { resolveSchedulerOptions } from "./options/resolve-scheduler-options.js";
export { checkMessages } from "./prompt/check-messages.js";
export { percentile, sortedCopy } from "./generation/percentile.js";

// The cache, downloads, the runtime
export { cacheDir, makeEntry } from "./cache/cache.js";
export { holdEntry, makeHeldEntry, type HeldEntry } from "./cache/held-entry.js";
export { holderText } from "./cache/process-name.js";
export { unzipWheel } from "./download/python.js";
export { runTethered } from "./download/tethered.js";
export { fetchWheel, type FetchOptions } from "./download/wheels.js";
export { sha256OfFile } from "./download/sha256.js";
export { hubCacheDir } from "./hub/settings.js";
export { locateRuntime } from "./runtime/locate.js";
export { packageVersion } from "./runtime/package-version.js";

// Models
export { readModelInfo } from "./models/config.js";
export { openModel } from "./models/open.js";
export { fileError, isJsonObject, readJsonObject } from "./models/files/json-file.js";
export { MANIFEST_FILE, readManifest, writeManifest, type StandIn } from "./models/files/manifest.js";
export { readGgufHeader } from "./models/gguf/gguf.js";
export { CONTROL_TOKEN, readGgufTokenizer, type GgufTokenizer } from "./models/gguf/gguf-tokenizer.js";
export { GgufValueType } from "./models/gguf/gguf-format.js";
export { encodeGgufHeader, ggufPadding, type GgufWriteValue } from "./models/gguf/gguf-writer.js";
export { cacheBytesPerToken } from "./models/inspect/memory.js";
export { randomWeightsOf } from "./models/inspect/random-weights.js";
export { missingIrFiles } from "./models/ir/ir-files.js";
export { hashFiles, hashModelFile } from "./models/store/file-hash.js";
export { KNOWN_MODELS, type KnownModel } from "./models/store/known-models.js";
export { modelsDir } from "./models/store/resolve.js";

// Profiles
export { profiledCpu, profiledModel, profiledVersions } from "./profiles/here.js";
export { loadedProperties } from "./engine-guard/guard.js";
export { checkProfileOptions } from "./profiles/profile-options.js";
export { PROFILE_HOLDS } from "./profiles/profile.js";
export { profileOf, readProfile } from "./profiles/read-profile.js";
export { writeProfile, writeProfileFile } from "./profiles/write-profile.js";
export { readWeightFormat, weightFormatText, type WeightFormat } from "./models/ir/weight-format.js";

// The machine, and which kernels run a model
export { readCgroupLimits, type ReadText } from "./host/cgroup.js";
export { memoryFigure, parseCpuInfo } from "./host/cpu-info.js";
export { isaLimitIn } from "./host/isa-variable.js";
export { freeMemory } from "./host/free-memory.js";
export { measureMultiplyRates, type MultiplyRate } from "./doctor/multiply-rates.js";
export {
  measureReadBandwidth,
  type ReadBandwidth,
  type ReadBandwidthOptions,
} from "./doctor/read-bandwidth.js";
export type {
  InferenceFacts,
  KernelShare,
  NoInferenceFacts,
  PhaseProfile,
} from "./host/kernels/inference-facts.js";
export { instructionSetName, type OneDnnIsa } from "./host/kernels/instruction-sets.js";
export {
  ISA_LIMITS,
  isaLimitName,
  isaStepsHere,
  isUnder,
  limitedEnvironment,
  propertiesUnder,
  type IsaLimit,
} from "./host/kernels/isa-limit.js";
export { amxSentence, kernelLines } from "./host/kernels/kernel-text.js";
export type { OneDnnKernel } from "./host/kernels/onednn-log.js";
export { profileModel } from "./host/kernels/profile-model.js";
export { readVersions } from "./doctor/versions.js";
export { evaluateText, type EvaluateTextOptions, type TextEvaluation } from "./doctor/evaluate-text.js";

// The command line
export { BENCH, importFrom, MODEL_TOOLS, programOf, SERVER, type Companion } from "./cli/companion.js";
export { DEFAULT_MODEL } from "./cli/default-model.js";
export {
  inspectionSections,
  percentText,
  randomText,
  weightRowName,
  type InspectionSection,
} from "./cli/models/models-inspect-lines.js";
export { EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_USAGE, reportFailure } from "./cli/terminal/failure.js";
export { duration, inFlags, integer, number, pair, repeated } from "./cli/terminal/flag-values.js";
export {
  formatBytes,
  formatCount,
  formatFigure,
  formatMs,
  formatSeconds,
  formatTable,
  printable,
} from "./cli/terminal/format.js";
export { createProgram, runProgram } from "./cli/terminal/program.js";
export { startProgress, type Progress } from "./cli/terminal/progress.js";
export { StopWatch } from "./cli/terminal/stop-watch.js";
export { styleFor, type Style } from "./cli/terminal/style.js";
export { untilSignal } from "./cli/terminal/until-signal.js";
