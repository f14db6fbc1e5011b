/** Options of a tokenizer's calls, checked. */
import type { SpecialTokensInContent } from "../prompt/content-escapes.js";
import { invalidArgType, outOfRange } from "../errors/errors.js";
import {
  checkBoolean,
  checkExtraRoles,
  checkNames,
  checkOptionValue,
  checkTemplate,
  plainObjectEntries,
  unknownOption,
} from "../options/option-checks.js";
import { normalizeProperties, type PropertyValue } from "../options/properties.js";

/** The tokenizer's own properties; it ignores every other one of OpenVINO's. */
const PROPERTIES = {
  PERFORMANCE_HINT: 1,
  PERFORMANCE_HINT_NUM_REQUESTS: 1,
  EXECUTION_MODE_HINT: 1,
  NUM_STREAMS: 1,
  INFERENCE_NUM_THREADS: 1,
  ENABLE_CPU_PINNING: 1,
  ENABLE_CPU_RESERVATION: 1,
  ENABLE_HYPER_THREADING: 1,
  PERF_COUNT: 1,
};

/** Longer rows than any context. */
const MAX_LENGTH = { min: 1, max: 2 ** 24 };

/** Options of `Tokenizer.load()`. */
export interface TokenizerLoadOptions {
  /** OpenVINO properties that a tokenizer takes, such as `INFERENCE_NUM_THREADS`. Default none. */
  readonly properties?: Readonly<Record<string, PropertyValue | undefined>> | undefined;
  /**
   * Make it take pairs of texts, as rerankers want them. Exported tokenizers can, those made from GGUF cannot
   * (ERR_MODEL_LOAD). Default false: only where the model was exported with pairs.
   */
  readonly pairs?: boolean | undefined;
}

/** Options of `encode()`. */
export interface EncodeOptions {
  /** Add the special tokens that the model expects around a text, such as a beginning of sequence. Default true. */
  readonly addSpecialTokens?: boolean | undefined;
  /** Tokens of a row that `truncation` cuts to and `padToMaxLength` fills up to: 1 to 2^24. Only with one of them. */
  readonly maxLength?: number | undefined;
  /**
   * Cut longer rows to `maxLength`: the beginning of the text stays, and the special tokens do (of pairs the longer text
   * is cut first). A `maxLength` that cannot hold them is a RangeError. Default false.
   */
  readonly truncation?: boolean | undefined;
  /** Fill every row up to `maxLength`. Default false: the rows of a batch are filled up to the longest. */
  readonly padToMaxLength?: boolean | undefined;
  /** Where rows are filled up. Default: the tokenizer's own side, which is "left" for those made from GGUF. */
  readonly paddingSide?: "left" | "right" | undefined;
}

/** Options of `decode()`. */
export interface DecodeOptions {
  /** Leave out special tokens. Default true. */
  readonly skipSpecialTokens?: boolean | undefined;
}

/** Options of `applyChatTemplate()`. */
export interface ChatTemplateOptions {
  /** Tools for the prompt, in the form that the template expects. At least one, or absent. Default none. */
  readonly tools?: readonly object[] | undefined;
  /** End with what begins the assistant's answer. Default true. */
  readonly addGenerationPrompt?: boolean | undefined;
  /** Further variables of the template, such as `enable_thinking`. Default none. */
  readonly extraContext?: Readonly<Record<string, unknown>> | undefined;
  /** Roles that the template knows beside "system", "developer", "user", "assistant" and "tool". Default none. */
  readonly extraRoles?: readonly string[] | undefined;
  /** A Jinja template in place of the tokenizer's own. Default its own. */
  readonly chatTemplate?: string | undefined;
}

/** Options of `encodeChat()`, and of `countTokens()` with messages. */
export interface EncodeChatOptions extends ChatTemplateOptions {
  /**
   * How special tokens that the content spells are encoded: "text", so that nobody forges a turn by typing its
   * delimiters, or "parse". Default "text".
   */
  readonly specialTokensInContent?: SpecialTokensInContent | undefined;
}

/** Encode options with every default in its place. */
export interface CheckedEncodeOptions {
  readonly addSpecialTokens: boolean;
  /** 0: rows are not cut. */
  readonly cutTo: number;
  /** 0: as far as the longest row. */
  readonly padTo: number;
  readonly paddingSide: "left" | "right" | undefined;
}

/** @throws TypeError, RangeError; @returns the properties as the addon takes them */
export function checkTokenizerLoadOptions(options: TokenizerLoadOptions): [string, string][] {
  checkNames(options, { properties: 1, pairs: 1 });
  const { properties = {}, pairs = false } = options;
  for (const [name, value] of plainObjectEntries("options.properties", properties)) {
    if (!Object.hasOwn(PROPERTIES, name))
      throw unknownOption(`options.properties.${name}`, name, value, PROPERTIES);
  }
  const native = normalizeProperties(properties);
  return checkBoolean("options.pairs", pairs) ? [...native, ["add_second_input", "YES"]] : native;
}

/** @throws TypeError, RangeError */
export function checkEncodeOptions(options: EncodeOptions): CheckedEncodeOptions {
  const known = { addSpecialTokens: 1, maxLength: 1, truncation: 1, padToMaxLength: 1, paddingSide: 1 };
  checkNames(options, known);
  const { addSpecialTokens = true, maxLength, truncation = false, padToMaxLength = false } = options;
  const { paddingSide } = options;
  checkBoolean("options.addSpecialTokens", addSpecialTokens);
  checkBoolean("options.truncation", truncation);
  checkBoolean("options.padToMaxLength", padToMaxLength);
  if (paddingSide !== undefined && paddingSide !== "left" && paddingSide !== "right") {
    throw invalidArgType("options.paddingSide", '"left" or "right"', paddingSide);
  }
  const limited = truncation || padToMaxLength;
  if (maxLength === undefined && limited) {
    const name = truncation ? "truncation" : "padToMaxLength";
    throw invalidArgType("options.maxLength", `a number of tokens with ${name}`, maxLength);
  }
  if (maxLength !== undefined) {
    checkOptionValue("options.maxLength", { kind: "size", range: MAX_LENGTH }, maxLength, null);
    if (!limited) {
      throw invalidArgType("options.maxLength", "no value without truncation or padToMaxLength", maxLength);
    }
  }
  return {
    addSpecialTokens,
    cutTo: truncation ? (maxLength ?? 0) : 0,
    padTo: padToMaxLength ? (maxLength ?? 0) : 0,
    paddingSide,
  };
}

/** @throws TypeError; @returns whether special tokens are left out */
export function checkDecodeOptions(options: DecodeOptions): boolean {
  checkNames(options, { skipSpecialTokens: 1 });
  return checkBoolean("options.skipSpecialTokens", options.skipSpecialTokens ?? true);
}

/** @throws TypeError, RangeError; what JSON holds is not checked here */
export function checkChatTemplateOptions(options: ChatTemplateOptions): void {
  checkNames(options, { tools: 1, addGenerationPrompt: 1, extraContext: 1, extraRoles: 1, chatTemplate: 1 });
  checkExtraRoles(options.extraRoles);
  const { tools, addGenerationPrompt = true, extraContext, chatTemplate } = options;
  checkBoolean("options.addGenerationPrompt", addGenerationPrompt);
  if (tools !== undefined && !Array.isArray(tools)) {
    throw invalidArgType("options.tools", "an array of tools", tools);
  }
  if (tools?.length === 0) throw outOfRange("options.tools", "no value or at least one tool", tools);
  plainObjectEntries("options.extraContext", extraContext);
  if (chatTemplate !== undefined) checkTemplate("options.chatTemplate", chatTemplate);
  if (chatTemplate === "") {
    throw outOfRange("options.chatTemplate", "a template that is not empty", chatTemplate);
  }
}
