import {
  checkEmbedCallOptions,
  checkEmbeddingLoadOptions,
  checkEmbedOptions,
  checkText,
  checkTexts,
  type CheckedEmbeddingOptions,
  type EmbedCallOptions,
  type EmbedOptions,
  type TextEmbeddingLoadOptions,
} from "./text-model-options.js";
import type { PropertiesReport } from "../engine-guard/guard.js";
import { TextModel, type LoadedTextModel } from "./text-model.js";

/**
 * Vectors for texts, for search and clustering: `ov::genai::TextEmbeddingPipeline`. Calls are done in their order, off
 * the JavaScript thread; any number may be made at once.
 */
export class TextEmbeddingPipeline implements AsyncDisposable {
  /** What is known of the model. */
  readonly model: LoadedTextModel;
  /** OpenVINO's properties: as requested, corrected where the engine cannot run with a default, and as in force. */
  readonly properties: PropertiesReport;
  /** Milliseconds from the call into GenAI to the end of a first inference, which makes the kernels. */
  readonly loadMs: number;
  /** Numbers of a vector. */
  readonly dimensions: number;
  readonly #native: TextModel;
  readonly #instructions: Pick<CheckedEmbeddingOptions, "queryInstruction" | "embedInstruction">;

  private constructor(native: TextModel, instructions: CheckedEmbeddingOptions) {
    this.#native = native;
    this.#instructions = instructions;
    this.model = native.model;
    this.properties = native.properties;
    this.loadMs = native.loadMs;
    this.dimensions = native.width;
  }

  /**
   * Loads an embedding model off the JavaScript thread. Never downloads.
   *
   * @param model a folder with OpenVINO IR as `optimum-cli export openvino --task feature-extraction` makes it, or the name
   *   of one in the cache
   * @throws (by rejection) TypeError, RangeError for options; {@link OpenVinoLlmError} ERR_MODEL_NOT_FOUND; ERR_MODEL_LOAD,
   *   also for a model that is for something else; ERR_DEVICE, and what finding the runtime gives; {@link AbortError}
   */
  static async load(model: string, options: TextEmbeddingLoadOptions = {}): Promise<TextEmbeddingPipeline> {
    const checked = checkEmbeddingLoadOptions(options);
    return new TextEmbeddingPipeline(await TextModel.load(model, "embed", checked), checked);
  }

  /**
   * The vector of a text, or one for each of several, without an instruction.
   *
   * @throws (by rejection) TypeError for what is no text and for lone surrogates; RangeError for an empty text;
   *   OpenVinoLlmError ERR_CLOSED, ERR_NATIVE; {@link AbortError}
   */
  embed(text: string, options?: EmbedOptions): Promise<Float32Array>;
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  async embed(
    input: string | readonly string[],
    options: EmbedOptions = {},
  ): Promise<Float32Array | Float32Array[]> {
    const { prompt, signal } = checkEmbedOptions(options);
    if (typeof input === "string") return this.#one(prompt, checkText("text", input), signal);
    return this.#all(prompt, checkTexts("texts", input), signal);
  }

  /** The vector of what is searched for, with the `queryInstruction` before it. Throws as `embed()` does. */
  async embedQuery(text: string, options: EmbedCallOptions = {}): Promise<Float32Array> {
    const signal = checkEmbedCallOptions(options);
    return this.#one(this.#instructions.queryInstruction, checkText("text", text), signal);
  }

  /**
   * The vectors of what is searched in, with the `embedInstruction` before each; none for no text. Up to 32 run together,
   * the longest first. Throws as `embed()` does.
   */
  async embedDocuments(texts: readonly string[], options: EmbedCallOptions = {}): Promise<Float32Array[]> {
    const signal = checkEmbedCallOptions(options);
    return this.#all(this.#instructions.embedInstruction, checkTexts("texts", texts), signal);
  }

  /**
   * Frees the model. Calls that are not done fail with ERR_CLOSED at once; it resolves when the inference that runs has
   * ended. Idempotent.
   */
  close(): Promise<void> {
    return this.#native.close();
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #one(prefix: string, text: string, signal: AbortSignal | undefined): Promise<Float32Array> {
    return this.#native.run("", [prefix + text], signal);
  }

  async #all(
    prefix: string,
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const whole = prefix === "" ? texts : texts.map((text) => prefix + text);
    const numbers = await this.#native.run("", whole, signal);
    // Copies: a part of one buffer would keep all of it, and take it along to another thread.
    return texts.map((_, i) => numbers.slice(i * this.dimensions, (i + 1) * this.dimensions));
  }
}
