import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { createNodeHost } from "../hosts/node-host.js";
import type { AnyServedModel } from "../models/model-registry.js";
import type { ServiceState } from "../service/health.js";
import { makeService, SILENT, type MadeService } from "./make-service.js";
import { loadToServe } from "./load-models.js";
import { pageOf, serverNumbers, type ServerNumbers, type ServerOptions } from "./server-options.js";

/** How a server stops. */
export interface DrainOptions {
  /** In place of the server's `drainDelayMs`; 0 where no router needs to see it. */
  readonly delayMs?: number | undefined;
}

/** A server over HTTP. It listens while its models are loaded, so that health can be asked. */
export class LlmServer implements AsyncDisposable {
  /** Where it listens: "http://127.0.0.1:8000", or "unix:" and the path of its socket. */
  readonly url: string;
  /** Resolves when all models are loaded; rejects with the error of the first that cannot be, and the server is closed. */
  readonly ready: Promise<void>;
  readonly #http: Server;
  readonly #made: MadeService;
  readonly #numbers: ServerNumbers;
  readonly #loading = new AbortController();
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #hurry = new AbortController();
  #closed: Promise<void> | undefined;

  private constructor(
    url: string,
    http: Server,
    made: MadeService,
    options: ServerOptions,
    numbers: ServerNumbers,
  ) {
    this.url = url;
    this.#http = http;
    this.#made = made;
    this.#numbers = numbers;
    this.ready = this.#load(options.models);
    this.ready.catch(() => this.close());
  }

  /**
   * Begins to listen and to load.
   *
   * @throws (by rejection) RangeError, TypeError for options; a system error where it cannot listen
   */
  static async start(options: ServerOptions): Promise<LlmServer> {
    const numbers = serverNumbers(options);
    const { host = "127.0.0.1", apiKeys = [], log = SILENT, ui = true } = options;
    const made = makeService(options, isLoopback(host) && apiKeys.length === 0, pageOf(ui, ""));
    const http = createNodeHost(made.service, numbers, log);
    try {
      if (options.socketPath === undefined) http.listen(numbers.port, host);
      else http.listen(options.socketPath);
      await once(http, "listening");
    } catch (error) {
      made.stopWatch();
      throw error;
    }
    return new LlmServer(urlOf(http), http, made, options, numbers);
  }

  /** What it is doing. */
  get state(): ServiceState {
    return this.#made.service.state;
  }

  /** The models that are loaded. */
  get models(): readonly AnyServedModel[] {
    return this.#made.models.listed;
  }

  /**
   * Says at `/health` that it will stop and goes on serving for `drainDelayMs`, so that routers see it; then takes no more
   * connections, waits up to `drainTimeoutMs` for what runs, and closes. `close()` meanwhile ends the waiting.
   */
  drain({ delayMs = this.#numbers.drainDelayMs }: DrainOptions = {}): Promise<void> {
    this.#closed ??= this.#drainAndClose(delayMs, this.#numbers.drainTimeoutMs);
    return this.#closed;
  }

  /** Ends everything at once: requests that run get no more. Idempotent. */
  close(): Promise<void> {
    this.#hurry.abort();
    this.#closed ??= this.#drainAndClose(0, 0);
    return this.#closed;
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(models: ServerOptions["models"]): Promise<void> {
    const { signal } = this.#loading;
    for (const entry of models) {
      const { served, close } = await loadToServe(entry, signal);
      this.#closers.push(close);
      this.#made.models.add(served);
    }
    signal.throwIfAborted();
    this.#made.service.state = "ready";
  }

  async #drainAndClose(delayMs: number, timeoutMs: number): Promise<void> {
    this.#made.service.state = "draining";
    this.#loading.abort();
    await this.#pause(delayMs);
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    // A connection that becomes idle would keep the server up until its time is over.
    const idle = setInterval(() => this.#http.closeIdleConnections(), IDLE_CHECK_MS);
    await Promise.race([closed, this.#pause(timeoutMs)]);
    clearInterval(idle);
    this.#http.closeAllConnections();
    await closed;
    this.#made.stopWatch();
    await this.ready.catch(() => {});
    await Promise.all(this.#closers.map((close) => close()));
  }

  /** Waits, or until `close()` is called. */
  async #pause(ms: number): Promise<void> {
    if (ms > 0) await pause(ms, undefined, { signal: this.#hurry.signal }).catch(() => {});
  }
}

const IDLE_CHECK_MS = 100;

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** Of what listens. */
export function urlOf(http: Server): string {
  const at = http.address() as AddressInfo | string;
  if (typeof at === "string") return `unix:${at}`;
  const { address, family, port } = at;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
