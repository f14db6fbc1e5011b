/** What a request is answered with where it goes wrong. Each protocol writes it in its own shape. */

/** A status and the error for the client; no stack and no text of a prompt. */
export interface ApiErrorFields {
  /** HTTP's status. */
  readonly status: number;
  /** What was expected, what came and what to do. */
  readonly message: string;
  /** The field of the request that it is about; null for none. */
  readonly param?: string | null;
  /** For programs; stable. Null where the status says it all. */
  readonly code?: string | null;
  /** When it is worth trying again. */
  readonly retryAfterSeconds?: number;
}

/** An answer that is an error. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly param: string | null;
  readonly code: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(
    { status, message, param = null, code = null, retryAfterSeconds }: ApiErrorFields,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.param = param;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds ?? null;
  }
}

/** The client asked for what cannot be. */
export function badRequest(
  message: string,
  param: string | null = null,
  code: string | null = null,
): ApiError {
  return new ApiError({ status: 400, message, param, code });
}
