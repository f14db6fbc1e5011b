/** Errors as OpenAI writes them. */
import type { ApiError } from "../../errors/api-error.js";
import type { StreamEvent } from "../operation.js";

/** The body of an answer that is an error. */
export interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

export function openAiError({ status, message, param, code }: ApiError): OpenAiError {
  return { error: { message, type: typeOf(status), param, code } };
}

/** The same in a stream whose events have no names. */
export function openAiFailed(error: ApiError): readonly StreamEvent[] {
  return [{ json: JSON.stringify(openAiError(error)) }];
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 404) return "not_found_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}
