/**
 * The config that holds for one generation: what the call asks for, then the pipeline's defaults, then the model's file,
 * then GenAI's defaults.
 *
 * Whether to sample is decided by the first of these layers that says so: `doSample`, or a `temperature` above 0 (yes)
 * or of 0 (no), or `numBeams` above 1 (no). A model's file says so only by `do_sample` and `num_beams`, because its
 * temperature has no effect without `do_sample` in Hugging Face and GenAI alike.
 *
 * A value of the model's file that cannot go with what the caller asks for gives way to GenAI's default: a caller cannot
 * be expected to know the file. Values of the caller that contradict each other are errors.
 */
import { OpenVinoLlmError } from "../errors/errors.js";
import {
  GENERATION_OPTIONS,
  isGenerationOptionName,
  type GenerationOptionName,
  type GenerationOptions,
} from "./generation-options.js";
import { BEAM_OPTIONS, brokenRule, PIPELINE_RULES, RULES, type Speculation } from "./generation-rules.js";
import type { ModelGenerationConfig } from "./model-generation-config.js";
import { withSpeculationDefaults } from "./speculation.js";

/** Options that can be without limit, switched off, or not set; the resolved value is null then. */
export type NullableOption =
  | "maxNewTokens"
  | "maxLength"
  | "eosTokenId"
  | "topK"
  | "rngSeed"
  | "noRepeatNgramSize"
  | "numAssistantTokens";

/**
 * Every generation option with the value that holds. Null means: no limit but the context (`maxNewTokens`,
 * `maxLength`), off (`topK`, `noRepeatNgramSize`), none (`eosTokenId`), no fixed number (`numAssistantTokens`), drawn for each request that
 * samples (`rngSeed`).
 */
export type ResolvedGenerationConfig = {
  readonly [Name in GenerationOptionName]-?:
    NonNullable<GenerationOptions[Name]> | (Name extends NullableOption ? null : never);
} & {
  /** All end-of-sequence tokens, `eosTokenId` first. */
  readonly eosTokenIds: readonly number[];
};

/** Where options come from, the most specific first. All are validated. */
export interface GenerationLayers {
  readonly call?: GenerationOptions;
  /** The pipeline's own defaults. */
  readonly instance?: GenerationOptions;
  readonly model?: ModelGenerationConfig;
}

/** What bounds a generation. */
export interface ResolveLimits {
  /** Tokens that prompt and answer can have together; null where it is not known. */
  readonly contextLength: number | null;
  /** Tokens of the prompt, where they are known already; then the lengths are fitted to the context here. */
  readonly promptTokens?: number;
  /** Null or absent where it is not known. */
  readonly vocabSize?: number | null;
  /** Default "none". */
  readonly speculation?: Speculation;
  /** What stands before an option's name in messages. Default "options" for the call, "defaults" for the instance. */
  readonly where?: { readonly call: string; readonly instance: string };
}

type Origin = "call" | "instance" | "model" | "genai";
type Values = { -readonly [Name in GenerationOptionName]: ResolvedGenerationConfig[Name] };
type LayerOptions = Readonly<Record<(typeof LAYERS)[number], GenerationOptions>>;

/** The options of all layers on top of each other, and the layer that each value is from. */
interface Draft {
  readonly values: Values;
  readonly origin: Record<GenerationOptionName, Origin>;
}

const LAYERS = ["call", "instance", "model"] as const;
/** GenAI's default for `eosTokenId`. */
const NO_TOKEN = -1;
const DEFAULT_NAMES = { call: "options", instance: "defaults" };

/**
 * Resolves the layers to one config.
 *
 * @throws TypeError or RangeError for options of call and instance that contradict each other.
 * @throws {@link OpenVinoLlmError} `ERR_PROMPT_TOO_LONG` when `promptTokens` leave no room.
 */
export function resolveGenerationConfig(
  layers: GenerationLayers,
  limits: ResolveLimits,
): ResolvedGenerationConfig {
  const options = {
    call: layers.call ?? {},
    instance: layers.instance ?? {},
    model: withSpeculationDefaults(layers.model?.options ?? {}, limits.speculation ?? "none"),
  };
  const draft = stack(options);
  decideSampling(draft, options);
  decideLength(draft, options);
  dropIdleBeamOptions(draft);
  keepRules(draft, limits);
  const { values } = draft;
  const eosTokenIds = values.eosTokenId === null ? (layers.model?.eosTokenIds ?? []) : [values.eosTokenId];
  const resolved = { ...values, eosTokenId: eosTokenIds[0] ?? null, eosTokenIds };
  return Object.freeze(fitToContext(resolved, limits));
}

/** Tokens that prompt and answer may have together: what the context and `maxLength` allow; null without a limit. */
export function totalTokenLimit(
  config: ResolvedGenerationConfig,
  contextLength: number | null,
): number | null {
  if (config.maxLength === null || contextLength === null) return config.maxLength ?? contextLength;
  return Math.min(config.maxLength, contextLength);
}

function stack(layers: LayerOptions): Draft {
  const values: Partial<Record<GenerationOptionName, unknown>> = {};
  const origin: Partial<Record<GenerationOptionName, Origin>> = {};
  for (const name of Object.keys(GENERATION_OPTIONS).filter(isGenerationOptionName)) {
    const layer = LAYERS.find((candidate) => layers[candidate][name] !== undefined);
    values[name] = layer === undefined ? GENERATION_OPTIONS[name].default : layers[layer][name];
    origin[name] = layer ?? "genai";
  }
  if (values.topK === 0) values.topK = null;
  // GenAI's own default would give every request the same text.
  if (origin.rngSeed === "genai") values.rngSeed = null;
  if (values.eosTokenId === NO_TOKEN) values.eosTokenId = null;
  // Every name of the table has a value now, and each passed its check on the way in.
  return { values: values as Values, origin: origin as Draft["origin"] };
}

function decideSampling({ values, origin }: Draft, layers: LayerOptions): void {
  const layer = LAYERS.find((candidate) => wantsSampling(candidate, layers[candidate]) !== undefined);
  if (layer === undefined) return;
  values.doSample = wantsSampling(layer, layers[layer]) === true;
  origin.doSample = layer;
  if (!values.doSample) return;
  // Beams of a layer above would have decided against sampling, so these are of a layer below, or of the same file.
  values.numBeams = 1;
  if (values.temperature === 0) {
    values.temperature = LAYERS.map((name) => layers[name].temperature ?? 0).find((value) => value > 0) ?? 1;
  }
}

function wantsSampling(layer: Origin, options: GenerationOptions): boolean | undefined {
  const { doSample, temperature, numBeams } = options;
  if (temperature === 0 && (layer !== "model" || doSample)) return false;
  if (temperature !== undefined && layer !== "model") return true;
  return doSample ?? ((numBeams ?? 1) > 1 ? false : undefined);
}

/** The first layer that limits the answer decides; in a file that says both, GenAI goes by `max_new_tokens`. */
function decideLength({ values }: Draft, layers: LayerOptions): void {
  const options = LAYERS.map((layer) => layers[layer]).find(
    ({ maxNewTokens, maxLength }) => maxNewTokens !== undefined || maxLength !== undefined,
  );
  values.maxNewTokens = options?.maxNewTokens ?? null;
  values.maxLength = values.maxNewTokens === null ? (options?.maxLength ?? null) : null;
}

/** Without beams the beam options of defaults wait for a call that has beams; those of the call itself are an error. */
function dropIdleBeamOptions(draft: Draft): void {
  if (draft.values.numBeams > 1) return;
  for (const name of BEAM_OPTIONS) {
    if (draft.origin[name] !== "call") setDefault(draft, name);
  }
}

function keepRules(draft: Draft, limits: ResolveLimits): void {
  const { values, origin } = draft;
  const context = { speculation: limits.speculation ?? "none", vocabSize: limits.vocabSize ?? null };
  for (const rule of [...RULES, ...PIPELINE_RULES]) {
    let expected = rule.broken(values, context);
    for (const name of rule.options) {
      if (expected === undefined) break;
      if (origin[name] !== "model") continue;
      setDefault(draft, name);
      expected = rule.broken(values, context);
    }
    if (expected === undefined) continue;
    const [name] = rule.options;
    const where = limits.where ?? DEFAULT_NAMES;
    throw brokenRule(
      rule,
      expected,
      `${origin[name] === "instance" ? where.instance : where.call}.${name}`,
      values[name],
    );
  }
}

function setDefault({ values, origin }: Draft, name: GenerationOptionName): void {
  Object.assign(values, { [name]: GENERATION_OPTIONS[name].default });
  origin[name] = "genai";
}

function fitToContext(config: ResolvedGenerationConfig, limits: ResolveLimits): ResolvedGenerationConfig {
  const total = totalTokenLimit(config, limits.contextLength);
  if (limits.promptTokens === undefined || total === null) return config;
  const room = total - limits.promptTokens;
  if (room < 1) {
    throw new OpenVinoLlmError(
      "ERR_PROMPT_TOO_LONG",
      `Expected a prompt shorter than ${total} tokens, the limit of prompt and answer together, ` +
        `but it has ${limits.promptTokens}. Shorten it.`,
    );
  }
  const maxNewTokens = Math.min(config.maxNewTokens ?? room, room);
  return { ...config, maxNewTokens, minNewTokens: Math.min(config.minNewTokens, maxNewTokens) };
}
