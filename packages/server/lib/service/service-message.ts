/** Requests and answers as data: what every host makes and writes. */

/** A request, its body unread. */
export interface ServiceRequest {
  /** In capitals. */
  readonly method: string;
  /** Without the query, still encoded. */
  readonly path: string;
  /** The value of a header by its name in small letters. */
  readonly header: (name: string) => string | undefined;
  /**
   * The whole body.
   *
   * @throws ApiError 413 where it has more bytes than that, 408 where it does not come
   */
  readonly readBody: (maxBytes: number) => Promise<Uint8Array>;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** An answer. A host writes the pieces of a streamed body as they come, and calls `return()` where it stops early. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncGenerator<string, void>;
}

/** A service's log: pino's interface, or the console's with objects. Prompts and answers are never logged. */
export interface ServiceLog {
  /** What went well. */
  readonly info: (fields: object, message: string) => void;
  /** What an operator may want to fix. */
  readonly warn: (fields: object, message: string) => void;
  /** What failed inside. */
  readonly error: (fields: object, message: string) => void;
}
