import { openTokenizerHandle, type SpecialToken } from "./added-tokens.js";
import type { ChatTemplates } from "./chat-templates.js";
import { TokenNames } from "./token-names.js";
import { openBinding } from "../native/binding.js";
import type { ChatRefusal } from "../prompt/chat-probe.js";
import { checkSpecialTokensInContent, NO_ESCAPES } from "../prompt/content-escapes.js";
import { closedError, invalidArgType } from "../errors/errors.js";
import type { ChatInputMessage, Prompt } from "../prompt/input.js";
import { openTokenizer, type ModelInfo } from "../models/open.js";
import type { NativePipeline } from "../native/native-pipeline.js";
import type { NativeRows, NativeTokenizerFacts, NativeTokenizerHandle } from "../native/native-tokenizer.js";
import { batchOf, idRows, padded, textsOf, type EncodedBatch, type TextPair } from "./encoded-batch.js";
import { checkTemplate, checkTokenId, checkWellFormed } from "../options/option-checks.js";
import {
  checkDecodeOptions,
  checkEncodeOptions,
  checkTokenizerLoadOptions,
  type ChatTemplateOptions,
  type CheckedEncodeOptions,
  type DecodeOptions,
  type EncodeChatOptions,
  type EncodeOptions,
  type TokenizerLoadOptions,
} from "./tokenizer-options.js";
import { answerOf } from "./tokenizer-calls.js";

/**
 * Text to token ids and back, and the chat template: `ov::genai::Tokenizer`. That of a pipeline is its `tokenizer`;
 * {@link Tokenizer.load} gives one alone. Calls are done one after the other, off the JavaScript thread. A pipeline shares
 * its tokenizer with it, and waits for a call that runs; for long texts beside a busy pipeline load one of their own.
 */
export class Tokenizer implements AsyncDisposable {
  /** Entries of the vocabulary; null where the model does not have it. */
  readonly vocabSize: number | null;
  /** Begins a text; null where the model has none. */
  readonly bosToken: SpecialToken | null;
  /** Ends a text; null where the model has none. */
  readonly eosToken: SpecialToken | null;
  /** Fills up rows; null where the model has none, and then the end token does, or id 0. */
  readonly padToken: SpecialToken | null;
  /** Whether {@link Tokenizer.encode} takes pairs of texts. */
  readonly supportsPairs: boolean;
  /** What chats are rendered by, and texts composed. @internal */
  readonly chats: ChatTemplates;
  readonly #native: NativeTokenizerHandle;
  /** Ids are below it: the model may have more of them than the vocabulary has entries. */
  readonly #idsBelow: number | null;
  readonly #ownSide: "left" | "right";
  readonly #names: TokenNames;
  readonly #isPipelineClosed: () => boolean;
  #closed: Promise<void> | undefined;

  private constructor(
    native: NativeTokenizerHandle,
    facts: NativeTokenizerFacts,
    chats: ChatTemplates,
    modelVocabSize: number | null,
    isPipelineClosed: () => boolean,
  ) {
    this.#native = native;
    this.chats = chats;
    this.#names = new TokenNames(() => answerOf(native.vocabulary(), "asked for its vocabulary"));
    this.#isPipelineClosed = isPipelineClosed;
    this.vocabSize = facts.vocabSize || modelVocabSize;
    this.#idsBelow = Math.max(facts.vocabSize, modelVocabSize ?? 0) || null;
    this.bosToken = facts.bos;
    this.eosToken = facts.eos;
    this.padToken = facts.pad;
    this.supportsPairs = facts.supportsPairs;
    this.#ownSide = facts.padsRight ? "right" : "left";
  }

  /**
   * Loads a model's tokenizer alone, off the JavaScript thread. Never downloads.
   *
   * @param model a folder with OpenVINO IR, of which only the tokenizer is needed, a `.gguf` file (converted once, kept in
   *   the cache), or the name of a model in the cache
   * @throws TypeError, RangeError for options
   * @throws OpenVinoLlmError ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD, and what finding the runtime gives
   */
  static async load(model: string, options: TokenizerLoadOptions = {}): Promise<Tokenizer> {
    const properties = checkTokenizerLoadOptions(options);
    const info = await openTokenizer(model);
    return Tokenizer.#open(() => new (openBinding().core.Tokenizer)(info.dir, properties), info);
  }

  /**
   * That of a loaded pipeline. What its chat template cannot render is found out.
   *
   * @param chatTemplate in place of the model's own; "" for none
   * @throws OpenVinoLlmError ERR_CHAT_TEMPLATE
   * @internal
   */
  static async of(
    pipeline: NativePipeline,
    info: ModelInfo,
    chatTemplate: string | undefined,
  ): Promise<Tokenizer> {
    const tokenizer = await Tokenizer.#open(
      () => pipeline.tokenizer(),
      info,
      () => pipeline.isClosed,
    );
    tokenizer.chats.use(chatTemplate ?? tokenizer.chats.own);
    return tokenizer;
  }

  static async #open(
    make: () => NativeTokenizerHandle,
    { dir, vocabSize }: ModelInfo,
    isPipelineClosed = () => false,
  ): Promise<Tokenizer> {
    // Some forty files, for those who load a model.
    const { ChatTemplates } = await import("./chat-templates.js");
    const { native, facts, ...texts } = await openTokenizerHandle(make, dir);
    return new Tokenizer(native, facts, new ChatTemplates(facts, texts), vocabSize, isPipelineClosed);
  }

  /** The Jinja template that chat messages are written with; null where there is none. */
  get chatTemplate(): string | null {
    return this.chats.own === "" ? null : this.chats.own;
  }

  /**
   * Kinds of chat that the template does not render, seen when the pipeline was loaded or the template set: Gemma's have no
   * system message. Empty where all are rendered, and after `Tokenizer.load()`, which does not look.
   */
  get chatRefusals(): readonly ChatRefusal[] {
    return this.chats.refusals;
  }

  /**
   * The token ids of a text, or of several: then rows of one length, with an attention mask.
   *
   * @throws (by rejection) TypeError for what is no text, lone surrogates, pairs where the tokenizer takes none;
   *   RangeError for a `maxLength` without room for the special tokens; OpenVinoLlmError ERR_PROMPT_TOO_LONG for a text
   *   that the tokenizer itself would cut without a word, ERR_CLOSED
   */
  encode(text: string, options?: EncodeOptions): Promise<Int32Array>;
  encode(texts: readonly string[] | readonly TextPair[], options?: EncodeOptions): Promise<EncodedBatch>;
  async encode(
    input: string | readonly string[] | readonly TextPair[],
    options: EncodeOptions = {},
  ): Promise<Int32Array | EncodedBatch> {
    const checked = checkEncodeOptions(options);
    if (typeof input === "string") {
      checkWellFormed("text", input);
      const rows = await this.#encode([input], null, checked);
      return padded(rows.ids, checked.padTo, this.#padId, checked.paddingSide ?? this.#ownSide);
    }
    const { firsts, seconds } = textsOf(input, this.supportsPairs);
    if (firsts.length === 0) return { tokenIds: [], attentionMask: [] };
    const rows = await this.#encode(firsts, seconds, checked);
    return batchOf(rows, {
      padTo: checked.padTo,
      padId: this.#padId,
      side: checked.paddingSide ?? this.#ownSide,
    });
  }

  /**
   * The text of ids, or of several rows. Bytes that are no UTF-8 become U+FFFD, or are dropped where GGUF was converted.
   *
   * @throws (by rejection) TypeError, RangeError for ids that the vocabulary does not have; OpenVinoLlmError ERR_CLOSED
   */
  decode(tokenIds: ArrayLike<number>, options?: DecodeOptions): Promise<string>;
  decode(rows: readonly ArrayLike<number>[], options?: DecodeOptions): Promise<string[]>;
  async decode(
    input: ArrayLike<number> | readonly ArrayLike<number>[],
    options: DecodeOptions = {},
  ): Promise<string | string[]> {
    const skip = checkDecodeOptions(options);
    const { isBatch, flat, lengths } = idRows(input, this.#idsBelow);
    const texts = await answerOf(this.#native.decode(flat, lengths, skip), "decoded");
    return isBatch ? texts : (texts[0] ?? "");
  }

  /**
   * Tokens of a text with its special ones, or of the messages of a chat with the template, as `generate()` would have it.
   *
   * @param options of the template; only with messages
   * @throws (by rejection) as `encode()` and `applyChatTemplate()` do
   */
  async countTokens(
    input: string | readonly ChatInputMessage[],
    options?: EncodeChatOptions,
  ): Promise<number> {
    const isText = typeof input === "string";
    if (isText && options !== undefined) throw invalidArgType("options", "no value with a text", options);
    return (await (isText ? this.encode(input) : this.encodeChat(input, options))).length;
  }

  /** Tokens of a prompt that was made for a pipeline. @internal */
  async countPrompt(prompt: Prompt): Promise<number> {
    const input = this.chats.nativeInput(prompt);
    if (input.kind === "ids") return input.ids.length;
    if (input.kind === "text") return this.countTokens(input.text);
    return (await answerOf(this.#native.encodeChat(input.text, input.contentSentinel), "encoded")).length;
  }

  /**
   * The messages of a chat as the token ids that `generate()` would process. Special tokens that their content spells are
   * text there, which no single string can say: encoding what {@link Tokenizer.applyChatTemplate} gives would parse them.
   *
   * @throws (by rejection) as `applyChatTemplate()` does
   */
  async encodeChat(
    messages: readonly ChatInputMessage[],
    options: EncodeChatOptions = {},
  ): Promise<Int32Array> {
    const { specialTokensInContent, ...rest } = options;
    checkSpecialTokensInContent("options.specialTokensInContent", specialTokensInContent);
    const escapes = this.chats.escaper(rest.chatTemplate).begin(specialTokensInContent);
    this.#refuseClosed();
    const text = this.chats.compose(this.chats.textOf(messages, rest, escapes));
    return answerOf(this.#native.encodeChat(text, escapes.sentinel ?? ""), "encoded");
  }

  /**
   * The messages of a chat as one text, for a look at it: {@link Tokenizer.encodeChat} gives its token ids. The template
   * has written the special tokens, so `encode()` is not to add any.
   *
   * @throws (by rejection) TypeError, RangeError for messages and options; OpenVinoLlmError ERR_NO_CHAT_TEMPLATE,
   *   ERR_CHAT_TEMPLATE for what the template refuses or fails at, ERR_CLOSED
   */
  async applyChatTemplate(
    messages: readonly ChatInputMessage[],
    options: ChatTemplateOptions = {},
  ): Promise<string> {
    this.#refuseClosed();
    return this.chats.textOf(messages, options, NO_ESCAPES);
  }

  /**
   * Replaces the chat template, for the pipeline that this tokenizer belongs to as well; "" takes it away. One that cannot
   * be read, or renders not even a question, is refused, and the old one stays.
   *
   * @throws (by rejection) TypeError; OpenVinoLlmError ERR_CHAT_TEMPLATE, ERR_CLOSED
   */
  async setChatTemplate(template: string): Promise<void> {
    checkTemplate("template", template);
    this.#refuseClosed();
    this.chats.use(template);
  }

  /**
   * Every token with its id. Tokens are their bytes as text, so a space is a space (or U+2581 in SentencePiece-like
   * vocabularies); bytes that are no UTF-8 by themselves are written `<0xNN>`. Made on the JavaScript thread, once.
   *
   * @throws (by rejection) OpenVinoLlmError ERR_NATIVE where the tokenizer does not give its vocabulary, ERR_CLOSED
   */
  getVocab(): Promise<ReadonlyMap<string, number>> {
    return this.#names.ids();
  }

  /** The id of a token, spelled as {@link Tokenizer.getVocab} spells it; null where there is none. Throws as that does. */
  async tokenToId(token: string): Promise<number | null> {
    if (typeof token !== "string") throw invalidArgType("token", "a string", token);
    return (await this.getVocab()).get(token) ?? null;
  }

  /** The token of an id, spelled as {@link Tokenizer.getVocab} spells it; null for an id without one. Throws as that does. */
  async idToToken(id: number): Promise<string | null> {
    checkTokenId("id", id, this.#idsBelow);
    return (await this.#names.all())[id] ?? null;
  }

  /**
   * Refuses new calls and frees the tokenizer when the call that runs is done; those that wait fail with ERR_CLOSED. The
   * tokenizer of a pipeline is closed with it; closing it alone leaves the pipeline as it is. Idempotent.
   */
  close(): Promise<void> {
    this.#closed ??= this.#native.close();
    return this.#closed;
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #padId(): number {
    return this.padToken?.id ?? this.eosToken?.id ?? 0;
  }

  #refuseClosed(): void {
    if (this.#closed === undefined && !this.#isPipelineClosed()) return;
    throw closedError("tokenizer");
  }

  #encode(
    texts: readonly string[],
    seconds: readonly string[] | null,
    options: CheckedEncodeOptions,
  ): Promise<NativeRows> {
    const { addSpecialTokens: add, cutTo } = options;
    const [first, second] = [texts.map(this.chats.compose), seconds?.map(this.chats.compose) ?? null];
    return answerOf(this.#native.encode(first, second, add, cutTo), "encoded", cutTo);
  }
}
