/** What a server reports of itself. */
import type { IncomingMessage } from "node:http";

import { OpenVinoLlmError } from "openvino-llm";
import type { JsonObject } from "openvino-llm/models";
import { isJsonObject } from "openvino-llm/internal";
import { HttpClient, type AnswerSink, type HttpAccess } from "./client.js";
import type { ServedModel } from "../targets/server-facts.js";
import { serverRoot } from "../plan/server-url.js";
import { failureText } from "./http-target.js";

/** What the list of models answers, and who answers it. */
export interface ServerListing {
  /** In the server's order; null where it gives no list. */
  readonly models: readonly ServedModel[] | null;
  readonly software: string | null;
  readonly version: string | null;
  /** Why there is no list. */
  readonly failure: string | null;
}

/** A server that says nothing for so long has nothing to say of itself. */
const TIMEOUT_MS = 10_000;

/** Asks a server what it is. What it does not report is null. */
export async function readServer(
  client: HttpClient,
  base: string,
  signal: AbortSignal,
): Promise<ServerListing> {
  const list = await getJson(client, `${base}/models`, signal);
  const about = list.failure === null ? await getJson(client, `${serverRoot(base)}/version`, signal) : null;
  const version = about?.json?.["version"];
  return {
    models: list.json === null ? null : modelsOf(list.json),
    software: list.software,
    version: typeof version === "string" ? version : null,
    failure: list.failure,
  };
}

/**
 * The names of a server's models, in its order.
 *
 * @param base - the address of its API: `ResolvedHttpOptions.url`
 * @throws OpenVinoLlmError ERR_SERVER where it cannot be asked, or has none
 */
export async function servedModelNames(
  base: string,
  access: HttpAccess = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<string[]> {
  const client = new HttpClient(access);
  try {
    const { models, failure } = await readServer(client, base, signal);
    signal.throwIfAborted();
    if (models !== null && models.length > 0) return models.map(({ id }) => id);
    const reason = failure ?? "it lists none";
    throw new OpenVinoLlmError(
      "ERR_SERVER",
      `Expected a server with a model at ${base} but ${base}/models gave none: ${reason}\n` +
        "Check the URL and that the server runs, or name the model.",
    );
  } finally {
    client.close();
  }
}

interface JsonAnswer {
  readonly json: JsonObject | null;
  readonly software: string | null;
  readonly failure: string | null;
}

async function getJson(client: HttpClient, url: string, signal: AbortSignal): Promise<JsonAnswer> {
  const answer = new WholeAnswer();
  try {
    await client.send({ url, signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) }, answer);
    return answer.json();
  } catch (error) {
    return { json: null, software: null, failure: failureText(error) };
  }
}

/** Keeps an answer until it has ended. */
class WholeAnswer implements AnswerSink {
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;
  #response: IncomingMessage | null = null;

  head(response: IncomingMessage): void {
    this.#response = response;
  }

  data(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > 2 ** 22) throw new Error("The answer is too long.");
    this.#parts.push(bytes);
  }

  json(): JsonAnswer {
    const statusCode = this.#response?.statusCode ?? 0;
    const server = this.#response?.headers["server"];
    const software = typeof server === "string" ? server : null;
    if (statusCode !== 200) return { json: null, software, failure: `HTTP ${statusCode}` };
    try {
      const json: unknown = JSON.parse(Buffer.concat(this.#parts).toString("utf8"));
      if (isJsonObject(json)) return { json, software, failure: null };
    } catch {
      // Reported below.
    }
    return { json: null, software, failure: "the answer is not a JSON object" };
  }
}

function modelsOf({ data }: JsonObject): ServedModel[] | null {
  if (!Array.isArray(data)) return null;
  const textOf = (value: unknown) => (typeof value === "string" ? value : null);
  return data.filter(isJsonObject).flatMap((model) => {
    const { id, root, owned_by: ownedBy, max_model_len: length } = model;
    if (typeof id !== "string") return [];
    const maxModelLength = typeof length === "number" ? length : null;
    return { id, root: textOf(root), ownedBy: textOf(ownedBy), maxModelLength };
  });
}
