/** What a benchmark sends requests to. */
import {
  AbortError,
  type CallOptions,
  ContinuousBatchingPipeline,
  type GenerationResult,
  type TextGenerator,
} from "openvino-llm";
import type { BenchPrompt } from "../prompts/prompts.js";
import { roundedMs, type EngineSample, type RequestRecord } from "./records.js";

/** One request. */
export interface BenchRequest {
  /** What is sent, with its length where that is known. */
  readonly prompt: BenchPrompt;
  /** Tokens to generate, exactly. */
  readonly outputLength: number;
}

/** What came of a request. */
export type RequestOutcome = Pick<
  RequestRecord,
  "queueMs" | "promptTokens" | "producedMs" | "deliveredMs" | "cachedTokens" | "text" | "error"
>;

/** Anything that answers requests: a pipeline in this process, or a server. */
export interface BenchTarget {
  /** "engine": tokens are stamped where they are made; "client": where they arrive, because nothing else is known. */
  readonly stamps: "engine" | "client";
  /** Tokens that have come so far, over all requests; for a live display. */
  readonly producedTokens: number;

  /** What the engine says of itself now. Absent where it says nothing. */
  sample?(): Omit<EngineSample, "atMs">;

  /**
   * Sends one request and waits for its end. Stamps count from this call. A request that fails resolves with its `error`.
   *
   * @throws by rejection, only when `signal` is aborted
   */
  send(request: BenchRequest, signal: AbortSignal): Promise<RequestOutcome>;
}

/**
 * A model in this process as a target: greedy, and ignoring the end of sequence, so that each request gives the tokens
 * that were asked for. A text is taken as it is, without a chat template.
 *
 * The stamps are the engine's own (`timing.perToken.producedMs`): they do not depend on how busy JavaScript is. Beside
 * them stand those of the arrival on the JavaScript thread (`deliveredMs`). vLLM's client knows only arrivals, over
 * HTTP: what it measures is to be compared with the latter.
 *
 * @param options - more options for each call, such as other sampling
 */
export function generatorTarget(generator: TextGenerator, options: CallOptions = {}): BenchTarget {
  return {
    stamps: "engine",
    get producedTokens() {
      return generator.producedTokens;
    },
    ...(generator instanceof ContinuousBatchingPipeline ? { sample: () => sampleOf(generator) } : {}),
    async send({ prompt, outputLength }, signal) {
      const isText = typeof prompt.input === "string";
      try {
        const stream = generator.stream(prompt.input, {
          temperature: 0,
          ignoreEos: true,
          ...(isText ? { applyChatTemplate: false } : {}),
          ...options,
          maxNewTokens: outputLength,
          signal,
        });
        for await (const _ of stream) continue; // read as a client does: tokens of generate() arrive in batches
        return outcomeOf(await stream.result);
      } catch (error) {
        if (signal.aborted || error instanceof AbortError) throw error;
        return failedOutcome(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

function sampleOf(pipeline: ContinuousBatchingPipeline): Omit<EngineSample, "atMs"> {
  const { running, waiting, cacheUsagePercent, cacheSizeBytes, lastStep } = pipeline.metrics();
  return {
    running,
    waiting,
    cacheUsagePercent: Math.round(cacheUsagePercent * 100) / 100,
    cacheSizeBytes,
    stepSequences: lastStep.sequences,
    stepMs: roundedMs(lastStep.durationMs),
  };
}

/** A request of which nothing counts. */
export function failedOutcome(error: string): RequestOutcome {
  return {
    queueMs: null,
    promptTokens: 0,
    producedMs: [],
    deliveredMs: [],
    cachedTokens: null,
    text: "",
    error,
  };
}

function outcomeOf({ text, usage, timing }: GenerationResult): RequestOutcome {
  const { producedMs, deliveredMs } = timing.perToken;
  return {
    queueMs: timing.queueMs === null ? null : roundedMs(timing.queueMs),
    promptTokens: usage.promptTokens,
    producedMs: Array.from(producedMs, roundedMs),
    deliveredMs: Array.from(deliveredMs, roundedMs),
    cachedTokens: null,
    text,
    error: producedMs.length === 0 ? "No token came." : null,
  };
}
