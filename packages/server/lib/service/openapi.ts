/** The OpenAPI document: made from the schemas that check. */
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
      schemas: { Error: ERROR },
      securitySchemes: { apiKey: { type: "http", scheme: "bearer" } },
    },
  };
}

function describe({ id, summary, schema }: Operation, hasId: boolean): unknown {
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
        description: "The answer; server-sent events where stream is true.",
        content: { "application/json": {}, ...(schema === null ? {} : { "text/event-stream": {} }) },
      },
      default: {
        description: "An error.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}
