/** Lines of a batch: requests as OpenAI's and vLLM's batches have them, and what is written for each. */
import { randomUUID } from "node:crypto";

import { codeOf, isJsonObject } from "openvino-llm/internal";

/** A request of a batch. */
export interface BatchRequest {
  readonly customId: string;
  readonly url: string;
  /** As JSON text. */
  readonly body: string;
}

/** Why a line is no request. */
export interface BadLine {
  /** Null where it has none: there is nothing to answer under. */
  readonly customId: string | null;
  readonly code: string;
  readonly message: string;
}

/** What a request was answered with. */
export interface BatchAnswer {
  readonly status: number;
  readonly requestId: string;
  /** What JSON can hold. */
  readonly body: unknown;
}

/** The calls that a batch may have. */
export const BATCH_URLS: readonly string[] = [
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/embeddings",
  "/v1/rerank",
  "/v1/responses",
];

/** How each line of an output file begins: a file that begins otherwise is none. */
export const OUTPUT_BEGIN = '{"id":"batch_req_';

/** What a line of an input file says. */
export function batchRequestOf(text: string): BatchRequest | BadLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    return bad(
      null,
      "invalid_json",
      `Expected JSON: ${error instanceof Error ? error.message : codeOf(error)}`,
    );
  }
  if (!isJsonObject(line)) return bad(null, "invalid_line", "Expected an object.");
  const { custom_id: customId, method = "POST", url, body } = line;
  if (typeof customId !== "string" || customId === "") {
    return bad(null, "invalid_custom_id", "Expected a text as custom_id, which the answer is found by.");
  }
  if (method !== "POST") return bad(customId, "invalid_method", 'Expected "POST" as method.');
  if (typeof url !== "string" || !BATCH_URLS.includes(url)) {
    return bad(customId, "invalid_url", `Expected as url one of ${BATCH_URLS.join(", ")}.`);
  }
  if (!isJsonObject(body)) return bad(customId, "invalid_body", "Expected an object as body.");
  if (body["stream"] === true) {
    return bad(customId, "invalid_body", "Expected no stream: the answers of a batch are whole.");
  }
  return { customId, url, body: JSON.stringify(body) };
}

function bad(customId: string | null, code: string, message: string): BadLine {
  return { customId, code, message };
}

/** The line for an answer. One whose status is no success has its error twice: as the body, and where readers look for errors. */
export function answerLine(customId: string, { status, requestId, body }: BatchAnswer): string {
  const response = { status_code: status, request_id: requestId, body };
  return outputLine(customId, response, isSuccess(status) ? null : errorIn(body, status));
}

/** The line for a request that was not asked. */
export function errorLine(customId: string, code: string, message: string): string {
  return outputLine(customId, null, { code, message });
}

/** Whether a status is one of success. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function outputLine(customId: string, response: unknown, error: unknown): string {
  const id = `batch_req_${randomUUID().replaceAll("-", "")}`;
  return `${JSON.stringify({ id, custom_id: customId, response, error })}\n`;
}

/** The error of a body in OpenAI's shape, or of another one as far as it says. */
function errorIn(body: unknown, status: number): { code: string; message: string } {
  const error = isJsonObject(body) && isJsonObject(body["error"]) ? body["error"] : {};
  const { code, type, message } = error;
  const named = [code, type].find((value) => typeof value === "string");
  return {
    code: typeof named === "string" ? named : `http_${status}`,
    message: typeof message === "string" ? message : `The server answered with status ${status}.`,
  };
}
