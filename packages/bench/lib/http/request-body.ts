/** The body of a request: the keys of vLLM's serving benchmark. Pure. */
import type { OptionalKey } from "../targets/server-facts.js";
import type { GenerationInput } from "openvino-llm";
import type { BenchRequest } from "../measure/target.js";
import type { HttpEndpoint } from "../plan/server-url.js";

/** The optional keys of an endpoint. A chat has two names for its limit; of those one is always sent. */
export function optionalKeys(endpoint: HttpEndpoint): OptionalKey[] {
  const ofBoth: OptionalKey[] = ["ignore_eos", "stream_options", "repetition_penalty", "temperature"];
  return endpoint === "chat" ? [...ofBoth, "max_completion_tokens", "max_tokens"] : ofBoth;
}

/** What the requests to a target have in common. */
export interface RequestShape {
  /** What the server calls the model. */
  readonly model: string;
  readonly endpoint: HttpEndpoint;
  readonly leftOut: readonly OptionalKey[];
}

/**
 * A request's body as JSON: greedy, streamed, the end of sequence ignored, usage asked for.
 *
 * @throws TypeError for a prompt that the endpoint has no form for
 */
export function requestBody({ prompt, outputLength }: BenchRequest, shape: RequestShape): string {
  const { model, endpoint, leftOut } = shape;
  const optional: Record<OptionalKey, unknown> = {
    ignore_eos: true,
    stream_options: { include_usage: true },
    // The chat endpoint's newer name for max_tokens; older servers know only that.
    max_completion_tokens: endpoint === "chat" ? outputLength : undefined,
    max_tokens: outputLength,
    temperature: 0,
    // A model's own default would make it something else than greedy.
    repetition_penalty: 1,
  };
  for (const key of leftOut) optional[key] = undefined;
  return JSON.stringify({
    model,
    ...promptKeys(prompt.input, endpoint),
    stream: true,
    ...optional,
  });
}

/** Whether an endpoint has a form for a prompt: token ids are none of a chat, messages none of a completion. */
export function takesPrompt(endpoint: HttpEndpoint, input: GenerationInput): boolean {
  if (typeof input === "string") return true;
  return endpoint === "chat" ? !("tokenIds" in input) : "tokenIds" in input;
}

function promptKeys(input: GenerationInput, endpoint: HttpEndpoint): object {
  if (!takesPrompt(endpoint, input)) {
    throw new TypeError(`The endpoint for ${endpoint} takes no such prompt.`);
  }
  if (typeof input === "object" && "tokenIds" in input) return { prompt: Array.from(input.tokenIds) };
  if (endpoint === "completions") return { prompt: input };
  return { messages: typeof input === "string" ? [{ role: "user", content: input }] : input };
}
