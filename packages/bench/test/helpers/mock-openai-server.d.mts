/** A part of an answer. Times count from when the request had come. */
export interface MockPart {
  readonly atMs?: number;
  readonly bytes: string | Uint8Array;
}

/** What a request is answered with. */
export interface MockScript {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly headersAtMs?: number;
  readonly parts?: readonly MockPart[];
  /** How the answer ends: whole, by a connection that is cut, or never. Default "end". */
  readonly end?: "end" | "destroy" | "open";
}

export interface MockRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A request that came. Times are those of the monotonic clock. */
export interface MockLogEntry extends MockRequest {
  readonly receivedMs: number;
  /** When each part was written. */
  readonly writtenMs: readonly number[];
  /** The client closed the connection before the answer had ended. */
  readonly isCut: boolean;
}

export interface MockServer {
  readonly url: string;
  readonly requests: readonly MockLogEntry[];
  readonly state: { readonly connections: number; readonly open: number };
  close(): Promise<void>;
}

export interface MockOptions {
  readonly answer?: (request: MockRequest) => MockScript;
  /** Null: there is no list. */
  readonly models?: ReadonlyArray<Readonly<Record<string, unknown>>> | null;
  readonly port?: number;
}

export function clockMs(): number;
export function event(data: unknown): string;
export function textChunk(
  request: Pick<MockRequest, "path">,
  text: string,
  finishReason?: string | null,
): string;
export function usageChunk(promptTokens: number, completionTokens: number, more?: object): string;
export function promptTokensOf(request: MockRequest): number;
export function steady(request: MockRequest, timing?: { ttftMs?: number; tpotMs?: number }): MockScript;
export function startMockServer(options?: MockOptions): Promise<MockServer>;
