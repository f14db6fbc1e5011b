/** The body of a chat request. */
import { booleanField, integerField, nullable, textField, type JsonSchema } from "../../schema/fields.js";
import { SAMPLING_PROPERTIES, type SamplingFields } from "../openai/sampling.js";

/** A tool that the model may call. */
export interface ChatTool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string | null;
    readonly parameters?: Readonly<Record<string, unknown>> | null;
  };
}

/** Which tools it calls. */
export type ChatToolChoice =
  "none" | "auto" | "required" | { readonly type: "function"; readonly function: { readonly name: string } };

/** What the answer must be. */
export type ChatResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly json_schema: { readonly schema?: Readonly<Record<string, unknown>> | null };
    };

/** A message as it comes. */
export interface ChatRequestMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly reasoning?: string | null;
  readonly reasoning_content?: string | null;
  readonly tool_calls?: readonly unknown[] | null;
  readonly [field: string]: unknown;
}

/** The body, checked. */
export interface ChatBody extends SamplingFields {
  readonly messages: readonly ChatRequestMessage[];
  readonly max_completion_tokens?: number | null;
  readonly logprobs?: boolean | null;
  readonly top_logprobs?: number | null;
  readonly response_format?: ChatResponseFormat | null;
  readonly tools?: readonly ChatTool[] | null;
  readonly tool_choice?: ChatToolChoice | null;
  readonly reasoning_effort?: string | null;
  readonly chat_template_kwargs?: Readonly<Record<string, unknown>> | null;
}

const MESSAGE: JsonSchema = {
  type: "object",
  properties: {
    role: { type: "string", description: '"system", "developer", "user", "assistant" or "tool".' },
    content: {
      anyOf: [
        { type: "string" },
        {
          type: "array",
          items: {
            type: "object",
            properties: { type: { type: "string" }, text: { type: "string" } },
            required: ["type"],
          },
        },
        { type: "null" },
      ],
    },
    reasoning: textField("What an assistant thought before it answered."),
    reasoning_content: textField("The same by another name."),
    tool_calls: nullable({
      type: "array",
      items: {
        type: "object",
        properties: {
          id: { type: "string" },
          type: { type: "string", enum: ["function"] },
          function: {
            type: "object",
            properties: { name: { type: "string" }, arguments: { type: "string" } },
            required: ["name", "arguments"],
          },
        },
        required: ["id", "function"],
      },
    }),
    tool_call_id: textField("Of a tool: the call that it answers."),
  },
  required: ["role"],
};

/** The messages of a chat. */
export const MESSAGES: JsonSchema = { type: "array", items: MESSAGE, minItems: 1 };

const TOOL: JsonSchema = {
  type: "object",
  properties: {
    type: { type: "string", enum: ["function"] },
    function: {
      type: "object",
      properties: {
        name: { type: "string", pattern: "^[a-zA-Z0-9_.-]{1,64}$" },
        description: textField("What it does and when to call it."),
        parameters: nullable({ type: "object", description: "A JSON Schema." }),
        strict: booleanField("Arguments fit the schema in any case where a call is enforced."),
      },
      required: ["name"],
    },
  },
  required: ["type", "function"],
};

const NAMED_FUNCTION: JsonSchema = {
  type: "object",
  properties: {
    type: { type: "string", enum: ["function"] },
    function: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
  },
  required: ["type", "function"],
};

const RESPONSE_FORMAT: JsonSchema = {
  type: "object",
  properties: {
    type: { type: "string", enum: ["text", "json_object", "json_schema"] },
    json_schema: nullable({
      type: "object",
      properties: {
        name: { type: "string" },
        schema: nullable({ type: "object", description: "A JSON Schema of draft 2020-12 or 7." }),
        strict: booleanField("The grammar is strict in any case."),
      },
    }),
  },
  required: ["type"],
};

/** Its schema. */
export const CHAT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    messages: MESSAGES,
    ...SAMPLING_PROPERTIES,
    max_completion_tokens: integerField(1, 2 ** 31 - 1, "The newer name of max_tokens."),
    logprobs: booleanField("Return the log-probability of each token. Default false."),
    top_logprobs: integerField(0, 20, "Not supported: 0."),
    response_format: nullable(RESPONSE_FORMAT),
    tools: nullable({ type: "array", items: TOOL }),
    tool_choice: {
      anyOf: [{ type: "string", enum: ["none", "auto", "required"] }, NAMED_FUNCTION, { type: "null" }],
    },
    parallel_tool_calls: booleanField("Taken and not looked at."),
    reasoning_effort: textField("Handed to the chat template."),
    chat_template_kwargs: nullable({ type: "object", description: "Variables of the chat template." }),
  },
  required: ["messages"],
};
