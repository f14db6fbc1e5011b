/** The body of a request for a response: OpenAI's newer API, without what a server would have to keep. */
import {
  booleanField,
  integerField,
  nullable,
  numberField,
  textField,
  type JsonSchema,
} from "../../schema/fields.js";

/** A part of a message. */
export interface ResponsePart {
  readonly type: string;
  readonly text?: string | null;
}

/** An item of the history; which fields it has depends on its type. */
export interface ResponseItem {
  readonly type?: string | null;
  readonly role?: string | null;
  readonly content?: string | readonly ResponsePart[] | null;
  readonly summary?: readonly ResponsePart[] | null;
  readonly call_id?: string | null;
  readonly name?: string | null;
  readonly arguments?: string | null;
  readonly output?: string | readonly ResponsePart[] | null;
}

/** A tool; those of other types than "function" are the vendor's own and left out. */
export interface ResponseTool {
  readonly type: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly parameters?: Readonly<Record<string, unknown>> | null;
}

/** The body, checked. */
export interface ResponsesBody {
  readonly model?: string | null;
  readonly input: string | readonly ResponseItem[];
  readonly instructions?: string | null;
  readonly stream?: boolean | null;
  readonly max_output_tokens?: number | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly top_k?: number | null;
  readonly min_p?: number | null;
  readonly repetition_penalty?: number | null;
  readonly priority?: number | null;
  readonly tools?: readonly ResponseTool[] | null;
  readonly tool_choice?: string | { readonly type: string; readonly name?: string | null } | null;
  readonly text?: {
    readonly format?: {
      readonly type: "text" | "json_object" | "json_schema";
      readonly schema?: Readonly<Record<string, unknown>> | null;
    } | null;
  } | null;
  readonly reasoning?: { readonly effort?: string | null } | null;
  readonly previous_response_id?: string | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}

const PARTS: JsonSchema = {
  anyOf: [
    { type: "string" },
    {
      type: "array",
      items: {
        type: "object",
        properties: { type: { type: "string" }, text: nullable({ type: "string" }) },
        required: ["type"],
      },
    },
    { type: "null" },
  ],
};

const ITEM: JsonSchema = {
  type: "object",
  properties: {
    type: textField("message, function_call, function_call_output or reasoning. Default message."),
    role: textField('"system", "developer", "user" or "assistant".'),
    content: PARTS,
    summary: PARTS,
    call_id: textField("Of a call and its output."),
    name: textField("Of a call: the tool."),
    arguments: textField("Of a call: JSON."),
    output: PARTS,
  },
};

/** Its schema. */
export const RESPONSES_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    model: textField("The model's name; may be left out where one is served."),
    input: { anyOf: [{ type: "string" }, { type: "array", items: ITEM, minItems: 1 }] },
    instructions: textField("A system message before the input."),
    stream: booleanField("Server-sent events. Default false."),
    max_output_tokens: integerField(1, 2 ** 31 - 1, "Default: what the context has room for."),
    temperature: numberField(0, 100, "Default: the model's own."),
    top_p: nullable({ type: "number", exclusiveMinimum: 0, maximum: 1 }),
    top_k: integerField(-1, 2 ** 31 - 1, "Default off."),
    min_p: nullable({ type: "number", minimum: 0, exclusiveMaximum: 1 }),
    repetition_penalty: nullable({ type: "number", exclusiveMinimum: 0, maximum: 100 }),
    priority: integerField(-(2 ** 31), 2 ** 31 - 1, "Lower comes first. Default 0."),
    tools: nullable({
      type: "array",
      items: {
        type: "object",
        properties: {
          type: { type: "string", description: "Only functions are called; others are left out." },
          name: textField("1 to 64 letters, digits, `_`, `-` and `.`."),
          description: textField("What it does and when to call it."),
          parameters: nullable({ type: "object", description: "A JSON Schema." }),
        },
        required: ["type"],
      },
    }),
    tool_choice: {
      anyOf: [
        { type: "string", enum: ["none", "auto", "required"] },
        {
          type: "object",
          properties: { type: { type: "string", enum: ["function"] }, name: { type: "string" } },
          required: ["type", "name"],
        },
        { type: "null" },
      ],
    },
    text: nullable({
      type: "object",
      properties: {
        format: nullable({
          type: "object",
          properties: {
            type: { type: "string", enum: ["text", "json_object", "json_schema"] },
            name: textField("Taken and not looked at."),
            schema: nullable({ type: "object", description: "A JSON Schema." }),
          },
          required: ["type"],
        }),
      },
    }),
    reasoning: nullable({
      type: "object",
      properties: { effort: textField("Handed to the chat template.") },
    }),
    previous_response_id: textField("Not supported: this server keeps nothing."),
    metadata: nullable({ type: "object" }),
  },
  required: ["input"],
};
