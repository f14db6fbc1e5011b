/** What the page asks of its server. */
import { eventData } from "./event-stream.js";

/** A model that generates. */
export interface TextModel {
  readonly name: string;
  /** OpenVINO's name of it. */
  readonly device: string;
  /** Tokens of prompt and answer together; null where the model's files do not say. */
  readonly contextLength: number | null;
}

/** A message of a chat. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What is asked for. What is left out is the server's to choose. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number;
  readonly max_tokens?: number;
}

/** One event of an answer, as far as the page reads it. */
export interface ChatEvent {
  readonly choices?: readonly {
    readonly delta: {
      readonly content?: string;
      readonly reasoning?: string;
    };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly metrics?: { readonly queue_time_ms: number; readonly time_to_first_token_ms: number };
  } | null;
  readonly timings?: { readonly prompt_per_second?: number; readonly predicted_per_second?: number };
}

/** The server refused, or failed in mid-stream. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  /** HTTP's; 200 where the answer had begun. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export class ServerApi {
  /** Kept here alone; "" for none. */
  key = "";
  readonly #base: string | URL;

  /** @param base - address of the server, which ends in a slash */
  constructor(base: string | URL) {
    this.#base = base;
  }

  /** Those that generate, which `/v1/models` does not distinguish. @throws ServerError */
  async textModels(): Promise<TextModel[]> {
    const answer = await this.#ask("server_info", {});
    const { models } = (await answer.json()) as {
      models: readonly { name: string; device: string; max_model_len: number | null }[];
    };
    return models.map(({ name, device, max_model_len }) => ({ name, device, contextLength: max_model_len }));
  }

  /** Answers a chat, event by event. @throws ServerError; an AbortError when `signal` is aborted */
  async *chat(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatEvent, void> {
    const answer = await this.#ask("v1/chat/completions", {
      method: "POST",
      body: JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } }),
      signal,
    });
    if (answer.body === null) return;
    for await (const data of eventData(answer.body)) {
      if (data === "[DONE]") return;
      const event = JSON.parse(data) as ChatEvent & { readonly error?: { readonly message: string } };
      if (event.error !== undefined) throw new ServerError(event.error.message, answer.status);
      yield event;
    }
    throw new ServerError("The answer broke off before its end.", answer.status);
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const headers = {
      "content-type": "application/json",
      ...(this.key === "" ? {} : { authorization: `Bearer ${this.key}` }),
    };
    const answer = await fetch(new URL(path, this.#base), { ...init, headers });
    if (answer.ok) return answer;
    throw new ServerError(await messageOf(answer), answer.status);
  }
}

/** What the server says; of whatever stands between it and the page, the status. */
async function messageOf(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text) as { error: { message: string } };
    return error.message;
  } catch {
    return `The server answers with status ${answer.status} ${answer.statusText}.`;
  }
}
