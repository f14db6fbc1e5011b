import { once } from "node:events";
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import type { ContinuousBatchingPipeline } from "openvino-llm";
import { LlmServer, type ServerOptions } from "../../lib/index.js";

/** A server of one model that was loaded before, at a port that is free. */
export async function serve(
  llm: ContinuousBatchingPipeline,
  options: Omit<ServerOptions, "models"> & { readonly maxQueue?: number } = {},
): Promise<LlmServer> {
  const { maxQueue, ...rest } = options;
  const server = await LlmServer.start({ models: [{ name: "chain", llm, maxQueue }], port: 0, ...rest });
  await server.ready;
  return server;
}

/** What came. */
export interface JsonAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Asks with a body of JSON, and reads the answer as JSON. */
export async function post<Body = unknown>(
  server: Pick<LlmServer, "url">,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonAnswer<Body>> {
  const answer = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
}

/** The data of each event of a streamed answer, "[DONE]" as it is. */
export async function stream<Event = unknown>(
  server: Pick<LlmServer, "url">,
  path: string,
  body: object,
): Promise<(Event | "[DONE]")[]> {
  const answer = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...body, stream: true }),
  });
  return eventsOf<Event>(await answer.text());
}

/** The data of each event of a text of server-sent events. */
export function eventsOf<Event>(text: string): (Event | "[DONE]")[] {
  return text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => {
      const data = event.slice(event.indexOf("data: ") + "data: ".length);
      return data === "[DONE]" ? data : (JSON.parse(data) as Event);
    });
}

/** A request by Node's own client, which can be left, held up or half sent. */
export function begin(
  server: Pick<LlmServer, "url">,
  path: string,
  headers: Readonly<Record<string, string | number>> = {},
): ClientRequest {
  const request = httpRequest(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    agent: false,
  });
  request.on("error", () => undefined);
  return request;
}

/** Its answer's head. */
export async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  answer.on("error", () => undefined);
  return answer;
}

/** An answer that is read as it comes. */
export interface Reading {
  /** Its first part has come. Rejects where none does. */
  readonly begun: Promise<unknown>;
  /** All of it. Rejects where it breaks off. */
  readonly text: Promise<string>;
}

/** Asks with a body of JSON, and reads. */
export function read(server: Pick<LlmServer, "url">, path: string, body: object): Reading {
  const request = begin(server, path);
  request.end(JSON.stringify(body));
  const answer = once(request, "response") as Promise<[IncomingMessage]>;
  const text = (async () => {
    const parts: string[] = [];
    for await (const part of (await answer)[0].setEncoding("utf8")) parts.push(String(part));
    return parts.join("");
  })();
  text.catch(() => undefined);
  return { begun: answer, text };
}

/** Waits until something holds, looking at each turn of the event loop. The test's own time limit ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
