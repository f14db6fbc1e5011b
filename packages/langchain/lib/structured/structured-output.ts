/** What `withStructuredOutput()` binds to a call, and how its answer is read. */
import type { BindToolsInput } from "@langchain/core/language_models/chat_models";

import type { ChatOpenVINOCallOptions } from "../calls/call-options.js";
import { invalidArgType } from "../errors/errors.js";
import { AnswerParser } from "./answer-parser.js";
import { checkSchema, type AnswerObject, type CheckedSchema, type OutputSchema } from "./schemas.js";

/** What is bound, and what reads the answer. */
export interface StructuredCall<Output extends AnswerObject> {
  readonly options: Partial<ChatOpenVINOCallOptions>;
  readonly parser: AnswerParser<Output>;
}

/**
 * All methods hold the model to a grammar: "jsonSchema" (default), its answer is JSON by the schema; "functionCalling", it
 * is a call of a tool with these arguments; "jsonMode", it is any JSON object, and only a library's schema is held against it.
 *
 * @throws TypeError for what is no schema or no method
 */
export function structuredCall<Output extends AnswerObject>(
  schema: OutputSchema<Output>,
  {
    name,
    method = "jsonSchema",
  }: { readonly name?: string | undefined; readonly method?: string | undefined },
): StructuredCall<Output> {
  if (method === "functionCalling") return functionCall(schema, name ?? "extract");
  if (method !== "jsonSchema" && method !== "jsonMode") {
    throw invalidArgType("method", '"jsonSchema", "functionCalling" or "jsonMode"', method);
  }
  const checked = checkSchema(schema);
  return {
    options: {
      response_format:
        method === "jsonMode"
          ? { type: "json_object" }
          : { type: "json_schema", json_schema: { name: name ?? "extract", schema: checked.json } },
      ...traced(method, checked),
    },
    parser: new AnswerParser<Output>(checked, undefined),
  };
}

function functionCall<Output extends AnswerObject>(
  schema: OutputSchema<Output>,
  name: string,
): StructuredCall<Output> {
  // OpenAI's function definition stands for its parameters.
  const { name: ownName, description, parameters } = schema as Record<string, unknown>;
  const isDefinition = typeof ownName === "string" && typeof parameters === "object" && parameters !== null;
  const checked = checkSchema(isDefinition ? parameters : schema);
  const tool = isDefinition ? ownName : name;
  const ownDescription = isDefinition ? description : checked.json["description"];
  const definition: BindToolsInput = {
    type: "function",
    function: {
      name: tool,
      ...(typeof ownDescription === "string" ? { description: ownDescription } : {}),
      parameters: checked.json,
    },
  };
  return {
    options: { tools: [definition], tool_choice: tool, ...traced("functionCalling", checked) },
    parser: new AnswerParser<Output>(checked, tool),
  };
}

/** What traces have. */
function traced(method: string, { json }: CheckedSchema): Partial<ChatOpenVINOCallOptions> {
  return { ls_structured_output_format: { kwargs: { method }, schema: json } };
}
