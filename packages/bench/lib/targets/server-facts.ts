/** What is known of a server that is measured. */
import type { HttpEndpoint } from "../plan/server-url.js";

/** A key that some servers refuse; it is sent where nothing is known against it. */
export type OptionalKey =
  | "ignore_eos"
  | "stream_options"
  | "repetition_penalty"
  | "temperature"
  | "max_completion_tokens"
  | "max_tokens";

/** What is known of a server and of how it is asked. */
export interface ServerFacts {
  /** The address of its API. */
  readonly url: string;
  /** Which of OpenAI's endpoints is asked. */
  readonly endpoint: HttpEndpoint;
  /** What it calls the model. */
  readonly servedModel: string;
  /** Its `Server` header, as "uvicorn" or "llama.cpp"; null where it sends none. */
  readonly software: string | null;
  /** What it answers to `GET /version`; null where it does not. */
  readonly version: string | null;
  /** Its entry of `GET /models`; null where there is none. */
  readonly model: ServedModel | null;
  /** What prompts are sent as. Random prompts are ids where the server takes them and the vocabulary is known here. */
  readonly prompts: "tokenIds" | "text" | "dataset";
  /** Keys that it refuses: without "ignore_eos" answers may end early, without "stream_options" tokens may not be counted. */
  readonly leftOut: readonly OptionalKey[];
}

/** A model in a server's list. */
export interface ServedModel {
  /** What requests ask for it by. */
  readonly id: string;
  /** Where it was loaded from, as vLLM reports it; null where it is not reported. */
  readonly root: string | null;
  /** Its `owned_by`, such as "vllm"; null where the list has none. */
  readonly ownedBy: string | null;
  /** Tokens of prompt and answer together; null where it is not reported. */
  readonly maxModelLength: number | null;
}
