/** Requests to the hub. The token goes to the hub's own origin and to no other one, however it redirects. */
import { Agent, request, type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";

import { onAbort } from "../abort/on-abort.js";
import { AbortError, OpenVinoLlmError } from "../errors/errors.js";
import { PassingFailure } from "./failures.js";
import { hostOf, proxyFor, proxyHeaders, TunnelAgent } from "./proxy.js";
import type { HubSettings } from "./settings.js";

/** An answer whose body has not been read. Whoever does not read it to its end destroys it. */
export interface HubAnswer {
  readonly status: number;
  /** One value for each name, in small letters; those of an earlier answer that redirected stand behind. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the last answer alone: of whoever sends the body. */
  readonly ownHeaders: Readonly<Record<string, string>>;
  /** Where the body comes from. */
  readonly url: URL;
  readonly body: IncomingMessage;
}

const MAX_REDIRECTS = 8;
const USER_AGENT = "openvino-llm";

/** Asks the hub, over connections that are kept. */
export class HubHttp implements Disposable {
  readonly #settings: HubSettings;
  readonly #env: NodeJS.ProcessEnv;
  readonly #plain = new Agent({ keepAlive: true });
  readonly #tls = new TlsAgent({ keepAlive: true });
  readonly #tunnels = new Map<string, TunnelAgent>();

  constructor(settings: HubSettings, env: NodeJS.ProcessEnv = process.env) {
    this.#settings = settings;
    this.#env = env;
  }

  /** The hub's address. */
  get endpoint(): string {
    return this.#settings.endpoint;
  }

  /** Whether requests name the user. */
  get hasToken(): boolean {
    return this.#settings.token !== null;
  }

  /**
   * Asks for something, following redirects.
   *
   * @throws what the network throws, with Node's codes; OpenVinoLlmError `ERR_DOWNLOAD` for a redirect that is none
   * @throws AbortError when the signal is aborted
   */
  async get(
    url: URL,
    headers: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<HubAnswer> {
    let [from, passed]: [URL, Record<string, string>] = [url, {}];
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const body = await this.#send(from, headers, signal);
      const { statusCode: status = 0 } = body;
      const ownHeaders = headersOf(body);
      const all = { ...passed, ...ownHeaders };
      if (![301, 302, 303, 307, 308].includes(status))
        return { status, headers: all, ownHeaders, url: from, body };
      body.resume();
      from = redirected(from, ownHeaders["location"]);
      passed = all;
    }
    throw new OpenVinoLlmError("ERR_DOWNLOAD", `${url.href} redirects without an end. Check HF_ENDPOINT.`);
  }

  /** Closes the connections. */
  [Symbol.dispose](): void {
    for (const agent of [this.#plain, this.#tls, ...this.#tunnels.values()]) agent.destroy();
  }

  #send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    if (signal?.aborted === true) return Promise.reject(aborted(signal));
    const { token, stallMs, endpoint } = this.#settings;
    const isHub = url.origin === new URL(endpoint).origin;
    const all = {
      "User-Agent": USER_AGENT,
      "Accept-Encoding": "identity",
      ...headers,
      ...(token !== null && isHub ? { Authorization: `Bearer ${token}` } : {}),
    };
    const asking = this.#start(url, all);
    return new Promise((resolve, reject) => {
      let running: ClientRequest | IncomingMessage = asking;
      const stopListening = onAbort(signal, () => running.destroy(aborted(signal)));
      asking.setTimeout(stallMs, () => running.destroy(stalled(url, stallMs)));
      asking.once("response", (answer) => {
        running = answer;
        answer.once("close", stopListening);
        // Its own error may come when nobody reads any more.
        answer.on("error", () => undefined);
        resolve(answer);
      });
      asking.on("error", (error) => {
        stopListening();
        reject(error);
      });
      asking.end();
    });
  }

  #start(url: URL, headers: Readonly<Record<string, string>>): ClientRequest {
    const proxy = proxyFor(url, this.#env);
    const options: RequestOptions = { method: "GET", headers };
    if (url.protocol === "https:") {
      return tlsRequest(url, { ...options, agent: proxy === null ? this.#tls : this.#tunnel(proxy) });
    }
    if (proxy === null) return request(url, { ...options, agent: this.#plain });
    // A proxy gets the whole address where nothing has to be hidden from it.
    const start = proxy.protocol === "https:" ? tlsRequest : request;
    const [host, port] = [hostOf(proxy), proxy.port || undefined];
    const toProxy = { Host: url.host, ...headers, ...proxyHeaders(proxy) };
    return start({ ...options, host, port, path: url.href, headers: toProxy });
  }

  #tunnel(proxy: URL): TunnelAgent {
    const known = this.#tunnels.get(proxy.href) ?? new TunnelAgent(proxy, this.#settings.stallMs);
    this.#tunnels.set(proxy.href, known);
    return known;
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : value,
  ]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined)) as Record<string, string>;
}

function redirected(from: URL, location: string | undefined): URL {
  const to =
    location !== undefined && URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  const isSafe = to?.protocol === "https:" || (to?.protocol === "http:" && from.protocol === "http:");
  if (to !== null && isSafe) return to;
  throw new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `Expected ${from.origin} to redirect to an address ${from.protocol === "https:" ? "by https" : "by http or https"} but ` +
      `received ${to === null ? "none" : `${to.protocol}//${to.host}`}. Check HF_ENDPOINT.`,
  );
}

function stalled(url: URL, stallMs: number): Error {
  return new PassingFailure(`${url.host} sent nothing for ${stallMs / 1000} s`);
}

/** What an aborted pull ends with. */
export function aborted(signal: AbortSignal | undefined): AbortError {
  return new AbortError("The download was aborted.", signal?.reason, undefined);
}
