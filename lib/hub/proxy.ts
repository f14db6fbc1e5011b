/** The proxies that the environment names, by the rules that curl has. Node 20 itself knows none. */
import { request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest, type RequestOptions } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as tlsConnect, type ConnectionOptions } from "node:tls";

import { describe, OpenVinoLlmError } from "../errors/errors.js";

/** The proxy for an address; null where it is reached directly. Small letters go before capital ones. */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv = process.env): URL | null {
  const scheme = url.protocol.slice(0, -1);
  const value = variable(env, `${scheme}_proxy`) || variable(env, "all_proxy");
  if (!value || isExempt(url, variable(env, "no_proxy") ?? "")) return null;
  const text = value.includes("://") ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : null;
  if (proxy !== null && /^https?:$/.test(proxy.protocol)) return proxy;
  throw new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `Expected a proxy that begins with http:// or https:// in ${scheme.toUpperCase()}_PROXY or ALL_PROXY but received ` +
      `${describe(proxy === null ? "no address" : `${proxy.protocol}//${proxy.host}`)}. Name one of these, or leave the hub out with NO_PROXY.`,
  );
}

/** `Proxy-Authorization`, where the proxy's address has a name and a password. */
export function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "Proxy-Authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** Connects to hosts by TLS through a proxy, which sees no more than their names. */
export class TunnelAgent extends TlsAgent {
  readonly #proxy: URL;
  readonly #stallMs: number;

  constructor(proxy: URL, stallMs: number) {
    super({ keepAlive: true });
    this.#proxy = proxy;
    this.#stallMs = stallMs;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const { host, port, servername } = options as { host: string; port: number; servername?: string };
    const name = servername || (isIP(host) === 0 ? host : undefined);
    openTunnel(
      this.#proxy,
      this.#stallMs,
      `${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
      (error, socket) => {
        if (socket !== undefined) {
          const toHost = { ...options, socket, ...(name === undefined ? {} : { servername: name }) };
          callback?.(null, tlsConnect(toHost as ConnectionOptions));
        } else {
          // An error comes without a stream.
          (callback as ((error: Error | null) => void) | undefined)?.(error);
        }
      },
    );
  }
}

/** A proxy that refuses, as an error with a code of its own. */
export class ProxyRefusal extends Error {
  override readonly name = "ProxyRefusal";
  readonly code = "PROXY_REFUSED";
}

/** Asks a proxy for a tunnel to a host, and reports the outcome once. */
function openTunnel(
  proxy: URL,
  stallMs: number,
  target: string,
  done: (error: Error | null, socket?: Duplex) => void,
): void {
  const start = proxy.protocol === "https:" ? tlsRequest : request;
  const asking = start({
    host: hostOf(proxy),
    port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
    method: "CONNECT",
    path: target,
    headers: { Host: target, ...proxyHeaders(proxy) },
    agent: false,
  });
  const refuse = (what: string) => new ProxyRefusal(`the proxy ${proxy.host} ${what}`);
  let isDone = false;
  const finish = (error: Error | null, socket?: Duplex): void => {
    if (!isDone) done(error, socket);
    isDone = true;
  };
  asking.once("connect", ({ statusCode = 0 }, socket) => {
    if (statusCode === 200) return finish(null, socket);
    socket.destroy();
    finish(refuse(`answered ${statusCode}`));
  });
  // One that knows no CONNECT answers as a web server does.
  asking.once("response", ({ statusCode = 0 }) => {
    asking.destroy();
    finish(refuse(`answered ${statusCode}`));
  });
  asking.on("error", finish);
  asking.setTimeout(stallMs, () => asking.destroy(refuse("does not answer")));
  asking.end();
}

/** The host of an address as a connection takes it: an IPv6 one without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()];
}

/** Names in NO_PROXY hold for what ends with them, by whole labels; `*` holds for all; a port may follow. */
function isExempt(url: URL, list: string): boolean {
  const host = hostOf(url).toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = entry, ownPort] =
        /^\[?(.*?)\]?(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
      const suffix = name.replace(/^\*?\./, "");
      return (ownPort === undefined || ownPort === port) && (host === suffix || host.endsWith(`.${suffix}`));
    });
}
