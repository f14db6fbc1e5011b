/**
 * What a model's `generation_config.json` says, read as GenAI reads it.
 *
 * GenAI takes Hugging Face's keys, with these readings: `eos_token_id` may be a list (the first is the end-of-sequence
 * token, all of them end the text), `early_stopping` is a boolean or "never", null is absent, and numbers are cut to
 * integers where its field is one. A value of another type makes GenAI refuse the whole model, and so it does here,
 * with the file and the key in the message. A list where one value belongs is skipped by GenAI, and so it is here.
 *
 * Two things differ, because GenAI would fail at the first generation instead: a number out of its range (a negative
 * length, a penalty of 0) counts as absent, and so does an end token outside the vocabulary, which can never come.
 */
import { describe, OpenVinoLlmError } from "../errors/errors.js";
import {
  GENERATION_OPTIONS,
  isGenerationOptionName,
  type GenerationOptionName,
  type GenerationOptions,
} from "./generation-options.js";
import { checkOptionValue, checkTokenId } from "./option-checks.js";

/** A value of the file that has no effect. */
export interface IgnoredModelValue {
  readonly key: string;
  readonly value: unknown;
  readonly reason: string;
}

/** What a model brings along for its generations. */
export interface ModelGenerationConfig {
  /** The file's values in our names; the ids of end tokens are not among them. */
  readonly options: GenerationOptions;
  /** End-of-sequence tokens, the model's main one first; empty where neither file nor tokenizer names one. */
  readonly eosTokenIds: readonly number[];
  /** What stands in the file and was not taken. */
  readonly ignored: readonly IgnoredModelValue[];
}

/** What the file is read against. */
export interface ModelGenerationContext {
  /** The file, for messages. */
  readonly file: string;
  /** Null where the size of the vocabulary is not known. */
  readonly vocabSize: number | null;
  /** The tokenizer's end-of-sequence token, used where the file names none; null or negative where there is none. */
  readonly tokenizerEosTokenId: number | null;
}

/** GenAI does not look for these in the file, or, as with `logprobs`, a model has no say in them. */
const NOT_IN_FILE: readonly GenerationOptionName[] = [
  "eosTokenId",
  "stopTokenIds",
  "rngSeed",
  "applyChatTemplate",
  "logprobs",
];

/** How GenAI and its tokenizers say that there is no such token. */
const NO_TOKEN = -1;

/** GenAI's keys for our names, as far as the file can hold them. */
const FILE_KEYS: readonly (readonly [key: string, name: GenerationOptionName])[] = Object.entries(
  GENERATION_OPTIONS,
)
  .filter(([name]) => isGenerationOptionName(name) && !NOT_IN_FILE.includes(name) && name !== "stopCriteria")
  .map(([name, spec]) => [spec.key, name as GenerationOptionName] as const);

/**
 * Reads the parsed content of a `generation_config.json`.
 *
 * @param content - the file's object; null or an empty object where there is no file.
 * @throws {@link OpenVinoLlmError} `ERR_MODEL_LOAD` for a value of a type that GenAI refuses.
 */
export function readModelGenerationConfig(
  content: Readonly<Record<string, unknown>> | null,
  context: ModelGenerationContext,
): ModelGenerationConfig {
  const file = content ?? {};
  const options: Record<string, unknown> = {};
  const ignored: IgnoredModelValue[] = [];

  for (const [key, name] of FILE_KEYS) {
    const value = file[key] ?? undefined;
    if (value === undefined) continue;
    const { kind } = GENERATION_OPTIONS[name];
    if (Array.isArray(value) !== (kind === "stringList")) {
      ignored.push({ key, value, reason: "GenAI skips it" });
      continue;
    }
    assertType(context.file, key, kind, value);
    try {
      options[name] = checkOptionValue(key, GENERATION_OPTIONS[name], integerIfSize(kind, value), null);
    } catch (error) {
      ignored.push({ key, value, reason: messageOf(error) });
    }
  }

  const stopCriteria = stopCriteriaOf(file["early_stopping"]);
  if (stopCriteria !== undefined) options["stopCriteria"] = stopCriteria;
  return Object.freeze({
    options: Object.freeze(options),
    eosTokenIds: Object.freeze(readEosTokenIds(file["eos_token_id"], context, ignored)),
    ignored: Object.freeze(ignored),
  });
}

/** The file's ids or, where it names none that can come, the tokenizer's. */
function readEosTokenIds(
  value: unknown,
  context: ModelGenerationContext,
  ignored: IgnoredModelValue[],
): number[] {
  const key = "eos_token_id";
  const legalIds = (ids: readonly unknown[]): number[] =>
    ids.flatMap((id) => {
      assertType(context.file, key, "int64", id);
      if (id === NO_TOKEN) return [];
      try {
        return [checkTokenId(key, id, context.vocabSize)];
      } catch (error) {
        ignored.push({ key, value: id, reason: messageOf(error) });
        return [];
      }
    });
  const listed: readonly unknown[] = Array.isArray(value) ? value : [value ?? NO_TOKEN];
  const inFile = [...new Set(legalIds(listed))];
  return inFile.length > 0 ? inFile : legalIds([context.tokenizerEosTokenId ?? NO_TOKEN]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function assertType(file: string, key: string, kind: string, value: unknown): void {
  const [expected, isRight] =
    kind === "boolean"
      ? ["a boolean", typeof value === "boolean"]
      : kind === "stringList"
        ? ["an array of strings", Array.isArray(value) && value.every((item) => typeof item === "string")]
        : ["a number", typeof value === "number"];
  if (isRight) return;
  throw new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected ${expected} for ${key} in ${file} but it holds ${describe(value)}. Correct the file or take the key out.`,
  );
}

function integerIfSize(kind: string, value: unknown): unknown {
  return kind === "size" && typeof value === "number" ? Math.trunc(value) : value;
}

function stopCriteriaOf(earlyStopping: unknown): string | undefined {
  if (earlyStopping === "never") return "never";
  return typeof earlyStopping === "boolean" ? (earlyStopping ? "early" : "heuristic") : undefined;
}
