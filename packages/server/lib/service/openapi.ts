/** The OpenAPI document: made from the schemas that check. */
import { anthropicError } from "../protocols/messages/from-engine.js";
import { has, only } from "../schema/answers.js";
import type { Operation } from "../protocols/operation.js";
import { ROUTES } from "./routes.js";

const ERROR = {
  type: "object",
  properties: {
    error: {
      type: "object",
      properties: {
        message: { type: "string" },
        type: { type: "string" },
        param: { type: ["string", "null"] },
        code: { type: ["string", "null"] },
      },
      required: ["message", "type", "param", "code"],
    },
  },
  required: ["error"],
};

const ANTHROPIC_ERROR = has({
  type: only("error"),
  error: has({ type: { type: "string" }, message: { type: "string" } }),
});
const OPENAI = { $ref: "#/components/schemas/Error" };
const ANTHROPIC = { $ref: "#/components/schemas/AnthropicError" };

/** OpenAPI 3.1, whose schemas are JSON Schemas of draft 2020-12. */
export function openApiDocument(version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const {
    method,
    paths: [path = ""],
    operation,
  } of ROUTES) {
    const found = typeof operation === "function" ? operation("id") : operation;
    (paths[path] ??= {})[method.toLowerCase()] = describe(found, path.endsWith("{id}"));
  }
  return {
    openapi: "3.1.0",
    info: { title: "openvino-llm-server", version },
    paths,
    components: {
      schemas: { Error: ERROR, AnthropicError: ANTHROPIC_ERROR },
      securitySchemes: { apiKey: { type: "http", scheme: "bearer" } },
    },
  };
}

function describe({ id, summary, schema, answer, streams, errorBody }: Operation, hasId: boolean): unknown {
  return {
    operationId: id,
    summary,
    ...(hasId
      ? { parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }] }
      : {}),
    ...(schema === null
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema } } } }),
    responses: {
      "200": {
        description:
          streams === true ? "The answer; server-sent events where stream is true." : "The answer.",
        content: {
          ...(answer === null ? { "text/plain": {} } : { "application/json": { schema: answer } }),
          ...(streams === true ? { "text/event-stream": {} } : {}),
        },
      },
      default: {
        description: "An error.",
        content: { "application/json": { schema: errorBody === anthropicError ? ANTHROPIC : OPENAI } },
      },
    },
  };
}
