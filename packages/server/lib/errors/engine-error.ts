/** Errors of the library as answers. */
import { codeOf } from "openvino-llm/internal";

import { ApiError, badRequest } from "./api-error.js";

/** What the library's `input`, its options and parts of them are called in a request. */
export type FieldNames = Readonly<Record<string, string>>;

/** Codes of errors that the request itself is to blame for, and the client's `code` for them. */
const REFUSALS: Readonly<Record<string, string | null>> = {
  ERR_INVALID_ARG_TYPE: null,
  ERR_OUT_OF_RANGE: null,
  ERR_NO_CHAT_TEMPLATE: "no_chat_template",
  ERR_CHAT_TEMPLATE: "chat_template_error",
  ERR_PROMPT_TOO_LONG: "context_length_exceeded",
  ERR_KV_CACHE_FULL: "context_length_exceeded",
  ERR_INVALID_SCHEMA: "invalid_schema",
};

/** Codes of errors that are no fault of the request: another try, here or elsewhere, may succeed. */
const UNAVAILABLE: Readonly<Record<string, string>> = {
  ERR_CLOSED: "The model is being unloaded.",
  ERR_ENGINE_BROKEN: "The engine has failed and must be loaded again.",
  ERR_OUT_OF_MEMORY: "The machine has no memory left for this request.",
  ERR_OUT_OF_THREADS: "The machine has no threads left for this request.",
};

/**
 * The answer to an error, whatever was thrown. What the client is not to blame for is reported in general words; the
 * error itself is its `cause`, for the log.
 *
 * @param names - the request's names for what the library speaks of
 */
export function apiErrorOf(error: unknown, names: FieldNames = {}): ApiError {
  if (error instanceof ApiError) return error;
  const code = codeOf(error) ?? "";
  if (Object.hasOwn(REFUSALS, code)) {
    const { message, param } = inFields(error instanceof Error ? error.message : String(error), names);
    return badRequest(message, param, REFUSALS[code] ?? null);
  }
  if (code === "ERR_QUEUE_FULL") return queueFull();
  const message = UNAVAILABLE[code];
  if (message !== undefined) {
    return new ApiError(
      { status: 503, message, code: "unavailable", retryAfterSeconds: 5 },
      { cause: error },
    );
  }
  return new ApiError(
    {
      status: 500,
      message: "The request failed inside the server; its log says why.",
      code: "internal_error",
    },
    { cause: error },
  );
}

/** As many wait as may. Routers try again elsewhere. */
export function queueFull(): ApiError {
  return new ApiError({
    status: 429,
    message: "As many requests run and wait as this server takes. Try again later.",
    code: "queue_full",
    retryAfterSeconds: 1,
  });
}

/** A message that speaks of `options.x` and `input[0]`, in the request's own names. */
function inFields(message: string, names: FieldNames): { message: string; param: string | null } {
  let param: string | null = null;
  const spoken = /\b(?:options\.(\w+)|input(?=\[| but ))((?:\[\d+\]|\.\w+)*)/g;
  const renamed = message.replaceAll(spoken, (whole, option: string | undefined, path: string) => {
    const name = option ?? "input";
    const field = names[name];
    if (field === undefined) return whole;
    const own = names[name + path] ?? field + path;
    param ??= own;
    return own;
  });
  return { message: renamed, param };
}
