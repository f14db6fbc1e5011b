/** What the pipelines that give numbers for texts have in common: the load, the way of a call, the end. */
import { throwIfLoadAborted, untilLoadAborted } from "../abort/abort-load.js";
import { onAbort, throwIfAborted, untilAborted } from "../abort/on-abort.js";
import { openBinding } from "../native/binding.js";
import { guardProperties, warnOfCorrections, type PropertiesReport } from "../engine-guard/guard.js";
import { AbortError, closedError } from "../errors/errors.js";
import { openTextModel, type TextModelInfo } from "../models/open.js";
import { nativeFailure } from "../native/native-errors.js";
import type { NativeTextModelHandle } from "../native/native-text-model.js";
import { checkContext, type CheckedTextModelOptions } from "./text-model-options.js";
import { deviceForOpenVino } from "../runtime/devices.js";

/** What is known of a loaded model that gives numbers for texts. */
export interface LoadedTextModel {
  /** The name of its folder. */
  readonly name: string;
  /** The folder with its OpenVINO IR, absolute. */
  readonly path: string;
  /** OpenVINO device. */
  readonly device: string;
  /** Tokens of a text at most, by `config.json`; null where no file says so. */
  readonly contextLength: number | null;
}

const ABORTED = "The call was aborted.";

/** Which of the two it is, and what its export is called. */
const TASKS = { embed: "feature-extraction", rerank: "text-classification" } as const;

/** One loaded model. Calls are done in their order, off the JavaScript thread. */
export class TextModel {
  readonly model: LoadedTextModel;
  readonly properties: PropertiesReport;
  /** Milliseconds, the first inference included, which makes the kernels. */
  readonly loadMs: number;
  /** Numbers that it gives for a text. */
  readonly width: number;
  readonly #native: NativeTextModelHandle;
  /** Calls that are not settled, with what makes them fail. */
  readonly #pending = new Map<number, (error: Error) => void>();
  #lastId = 0;
  #closed: Promise<void> | undefined;

  private constructor(
    native: NativeTextModelHandle,
    facts: { model: LoadedTextModel; properties: PropertiesReport; loadMs: number; width: number },
  ) {
    this.#native = native;
    this.model = facts.model;
    this.properties = facts.properties;
    this.loadMs = facts.loadMs;
    this.width = facts.width;
  }

  /** @throws (by rejection) RangeError; OpenVinoLlmError ERR_MODEL_NOT_FOUND, ERR_MODEL_LOAD, ERR_DEVICE; AbortError */
  static async load(
    model: string,
    kind: "embed" | "rerank",
    options: CheckedTextModelOptions,
  ): Promise<TextModel> {
    const { signal, device, maxLength } = options;
    throwIfLoadAborted(signal);
    const { core, runtime } = openBinding();
    const openVinoDevice = deviceForOpenVino(device, options.nativeProperties, runtime);
    const info = await untilLoadAborted(openTextModel(model, TASKS[kind]), signal);
    checkContext(maxLength, info.contextLength);
    const { dir, runtimeOptions } = info;
    const guarded = await untilLoadAborted(
      guardProperties({
        dir,
        device: openVinoDevice,
        properties: options.nativeProperties,
        runtimeOptions,
        kind: "encoder",
      }),
      signal,
    );
    warnOfCorrections(guarded.report);
    const byYesOrNo = info.modelType === "qwen3";
    const native = new core.TextModel({
      kind,
      path: dir,
      device: openVinoDevice,
      properties: guarded.native,
      pooling: options.poolingType,
      normalize: options.normalize,
      // What a causal model says next stands behind the last token.
      paddingSide: options.paddingSide ?? (kind === "rerank" && byYesOrNo ? "left" : "right"),
      padToMaxLength: options.padToMaxLength,
      maxLength,
      batchSize: options.batchSize,
      byYesOrNo,
    });
    try {
      const startMs = performance.now();
      // Shows that the model gives numbers at all, and how many.
      const first = await untilLoadAborted(native.run(0, kind === "rerank" ? "a" : "", ["a"]), signal);
      return new TextModel(native, {
        model: modelOf(info, device),
        properties: guarded.report,
        loadMs: performance.now() - startMs,
        width: first.length,
      });
    } catch (error) {
      const closed = native.close();
      if (error instanceof AbortError) throw error;
      await closed;
      throw nativeFailure("ERR_MODEL_LOAD", "The model could not be loaded", error);
    }
  }

  /** As many numbers for every text, behind each other; `query` is for a reranker, else "". Texts are not checked. */
  async run(query: string, texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array> {
    if (this.#closed !== undefined) throw closedError("pipeline");
    throwIfAborted(signal, ABORTED);
    if (texts.length === 0) return new Float32Array(0);
    const id = ++this.#lastId;
    const closed = new Promise<never>((_, reject) => this.#pending.set(id, reject));
    const stopListening = onAbort(signal, () => this.#native.cancel(id));
    try {
      const ended = Promise.race([this.#native.run(id, query, texts), closed]);
      return await untilAborted(ended, signal, ABORTED);
    } catch (error) {
      throw nativeFailure("ERR_NATIVE", "The inference failed", error);
    } finally {
      this.#pending.delete(id);
      stopListening();
    }
  }

  /** Idempotent. Calls that are not done fail with ERR_CLOSED; resolves when the inference that runs has ended. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const closed = this.#native.close();
    for (const fail of this.#pending.values()) fail(closedError("pipeline"));
    await closed;
  }
}

function modelOf({ name, dir, contextLength }: TextModelInfo, device: string): LoadedTextModel {
  return { name, path: dir, device, contextLength };
}
