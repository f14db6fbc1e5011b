/** Options of a server and of a handler, and what holds where nothing is said. */
import type {
  BatchingLoadOptions,
  ContinuousBatchingPipeline,
  TextEmbeddingLoadOptions,
  TextEmbeddingPipeline,
  TextRerankLoadOptions,
  TextRerankPipeline,
} from "openvino-llm";
import { invalidArgType, outOfRange } from "openvino-llm/internal";

import type { QueueOptions, ServedModelOptions } from "../models/served-model.js";
import type { ServiceLog } from "../service/service-message.js";
import { ChatPage } from "../ui/chat-page.js";

/** A model that generates, to load and serve. */
export interface ModelToServe extends ServedModelOptions {
  /** A folder with OpenVINO IR, a `.gguf` file, or the name of a model in the cache: what `load()` takes. */
  readonly model: string;
  /** What clients call it. Default: the folder's or file's name. */
  readonly name?: string | undefined;
  /** What it is for. */
  readonly task?: "text_generation" | undefined;
  /** How it is loaded. Default: as `ContinuousBatchingPipeline.load()` does. */
  readonly load?: BatchingLoadOptions | undefined;
}

/** A model that gives vectors for texts, or an order of them, to load and serve. */
export interface TextModelToServe extends QueueOptions {
  /** A folder with OpenVINO IR, or the name of a model in the cache. */
  readonly model: string;
  /** What clients call it. Default: the folder's name. */
  readonly name?: string | undefined;
  /** What it is for. */
  readonly task: "embeddings" | "rerank";
  /** How it is loaded. Default: as the pipeline of its task does. */
  readonly load?: TextEmbeddingLoadOptions | TextRerankLoadOptions | undefined;
}

/** Such a model that was loaded elsewhere. Who loaded it closes it. */
export interface LoadedTextModelToServe extends QueueOptions {
  /** What clients call it. */
  readonly name: string;
  /** The model. */
  readonly pipeline: TextEmbeddingPipeline | TextRerankPipeline;
}

/** A model that generates and was loaded elsewhere. Who loaded it closes it. */
export interface LoadedModelToServe extends ServedModelOptions {
  /** What clients call it. */
  readonly name: string;
  /** The model. */
  readonly llm: ContinuousBatchingPipeline;
}

/** What a handler and a server have in common. */
export interface HandlerOptions {
  /** Keys of which each request needs one, as `Authorization: Bearer` or `x-api-key`. Default none: everybody may ask. */
  readonly apiKeys?: readonly string[] | undefined;
  /** Origins of pages in browsers that may ask, such as `https://chat.example.com`; "*" for all. Default none but the server's own. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Size of a request's body at most, in bytes: 1 to 2^30. Default 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** Seconds without a step of an engine that has requests, after which health says 503: 1 to 86,400. Default 60. */
  readonly hangSeconds?: number | undefined;
  /** The log: pino's interface. Default none. */
  readonly log?: ServiceLog | undefined;
  /** Whether the log has what is asked, with its prompts: the body of each request that is taken. Default false. */
  readonly logRequests?: boolean | undefined;
}

/** Options of a server. */
export interface ServerOptions extends HandlerOptions {
  /** At least one. They are loaded one after the other, while the server answers already that it is loading. */
  readonly models: readonly (ModelToServe | TextModelToServe | LoadedModelToServe | LoadedTextModelToServe)[];
  /** Address to listen at. Default "127.0.0.1": this machine alone. */
  readonly host?: string | undefined;
  /** 0 to 65,535; 0 for any that is free. Default 8000. */
  readonly port?: number | undefined;
  /** Whether `/` is a chat page. It needs no key; what it asks does. Default true. */
  readonly ui?: boolean | undefined;
  /** Path of a Unix socket to listen at in place of `host` and `port`. Default none. */
  readonly socketPath?: string | undefined;
  /** For a request's headers to come, in milliseconds: 1 to 3,600,000. Default 10,000. */
  readonly headersTimeoutMs?: number | undefined;
  /** For a whole request to come, in milliseconds: 1 to 3,600,000. Default 60,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** For the next request of a connection, and for the rest of an answer to be taken, in milliseconds: 1 to 3,600,000. Default 75,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Bytes of an answer that may wait for a slow reader before its request ends: 1 to 2^30. Default 1 MiB. */
  readonly maxUnreadBytes?: number | undefined;
  /** How long `drain()` says at `/health` that it will stop before it takes no more connections, in milliseconds: 0 to 3,600,000. Default 5,000. */
  readonly drainDelayMs?: number | undefined;
  /** How long `drain()` then waits for running requests, in milliseconds: 0 to 3,600,000. Default 30,000. */
  readonly drainTimeoutMs?: number | undefined;
}

const HOUR_MS = 3_600_000;
const MAX_BYTES = 2 ** 30;

/** Numbers of the options: least, most, default. */
const NUMBERS = {
  port: [0, 65_535, 8000],
  maxBodyBytes: [1, MAX_BYTES, 16 * 2 ** 20],
  hangSeconds: [1, 86_400, 60],
  headersTimeoutMs: [1, HOUR_MS, 10_000],
  requestTimeoutMs: [1, HOUR_MS, 60_000],
  idleTimeoutMs: [1, HOUR_MS, 75_000],
  maxUnreadBytes: [1, MAX_BYTES, 2 ** 20],
  drainDelayMs: [0, HOUR_MS, 5_000],
  drainTimeoutMs: [0, HOUR_MS, 30_000],
} as const;

/** The numbers that hold. */
export type ServerNumbers = { readonly [Name in keyof typeof NUMBERS]: number };

/** @throws RangeError for a number outside its range */
export function serverNumbers(options: HandlerOptions & Partial<ServerOptions>): ServerNumbers {
  const entries = Object.entries(NUMBERS).map(([name, [least, most, usual]]) => {
    const value = options[name as keyof ServerNumbers] ?? usual;
    if (!Number.isInteger(value) || value < least || value > most) {
      throw outOfRange(`options.${name}`, `an integer from ${least} to ${most}`, value);
    }
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as unknown as ServerNumbers;
}

/**
 * The chat page, where one is wanted.
 *
 * @throws TypeError for what is no boolean
 */
export function pageOf(ui: boolean, basePath: string): ChatPage | null {
  if (typeof ui !== "boolean") throw invalidArgType("options.ui", "a boolean", ui);
  return ui ? new ChatPage(basePath) : null;
}
