/** Errors as OpenAI writes them. */
import type { ApiError } from "../../errors/api-error.js";

export function openAiError({ status, message, param, code }: ApiError): unknown {
  return { error: { message, type: typeOf(status), param, code } };
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 404) return "not_found_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}
