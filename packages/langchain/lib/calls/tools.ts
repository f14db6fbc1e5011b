/** Tools and the choice among them, in all forms that LangChain has, as the library takes them. */
import type { ToolDefinition } from "@langchain/core/language_models/base";
import type {
  BindToolsInput,
  ToolChoice as LangChainToolChoice,
} from "@langchain/core/language_models/chat_models";
import { convertToOpenAITool, isLangChainTool } from "@langchain/core/utils/function_calling";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import { isInteropZodSchema } from "@langchain/core/utils/types";
import type { JsonSchema, Tool, ToolChoice } from "openvino-llm";

import { invalidArgType } from "../errors/errors.js";

const NO_ARGUMENTS: JsonSchema = { type: "object", properties: {} };

/**
 * A JSON Schema as data alone. The one that zod makes still knows zod's checks, by which the library would give arguments as
 * zod has changed them, and the tool would change them again.
 */
export function plainSchema(
  schema: Parameters<typeof toJsonSchema>[0] | Record<string, unknown>,
): JsonSchema {
  const json = isInteropZodSchema(schema) ? toJsonSchema(schema) : schema;
  return { ...(json as JsonSchema) };
}

/**
 * A tool as data, in OpenAI's form: of a tool of LangChain, of a Runnable as a tool, of OpenAI's form, or of a function
 * definition `{ name, description, parameters }`.
 *
 * @throws TypeError for anything else
 */
export function toolDefinition(tool: BindToolsInput): ToolDefinition {
  if (isLangChainTool(tool)) return convertToOpenAITool(tool);
  const given = tool as Partial<ToolDefinition> & Partial<ToolDefinition["function"]>;
  const definition = given.type === "function" ? given.function : given;
  if (typeof definition?.name !== "string" || "input_schema" in definition) {
    throw invalidArgType(
      "tools",
      "tools of LangChain, of OpenAI's form, or function definitions { name, description, parameters }",
      tool,
    );
  }
  const { name, description, parameters } = definition;
  return {
    type: "function",
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: parameters === undefined ? NO_ARGUMENTS : plainSchema(parameters),
    },
  };
}

/** The same for the library. */
export function engineTool(tool: BindToolsInput): Tool {
  const { name, description, parameters } = toolDefinition(tool).function;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    parameters: plainSchema(parameters),
  };
}

/**
 * Which tools are called. "any" and "required" are one of them, a name, OpenAI's `{ function: { name } }` and `{ name }`
 * that one: both enforced by grammar.
 *
 * @throws TypeError
 */
export function engineToolChoice(choice: LangChainToolChoice): ToolChoice {
  if (choice === "auto" || choice === "none") return choice;
  if (choice === "any" || choice === "required") return "required";
  if (typeof choice === "string") return { name: choice };
  const { function: called, name } = choice as { function?: { name?: unknown }; name?: unknown };
  const named = called?.name ?? name;
  if (typeof named === "string") return { name: named };
  throw invalidArgType(
    "tool_choice",
    '"auto", "any", "none", the name of a tool, or { type: "function", function: { name } }',
    choice,
  );
}
