/** The body of a request for a response: OpenAI's newer API, without what a server would have to keep. */
import { booleanField, nullable, textField, type JsonSchema } from "../../schema/fields.js";
import { SAMPLING_PROPERTIES, type SamplingFields } from "../openai/sampling.js";

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

/** What chats have by the same names. */
type SharedField =
  "model" | "stream" | "temperature" | "top_p" | "top_k" | "min_p" | "repetition_penalty" | "priority";

/** The body, checked. */
export interface ResponsesBody extends Pick<SamplingFields, SharedField> {
  readonly input: string | readonly ResponseItem[];
  readonly instructions?: string | null;
  readonly max_output_tokens?: number | null;
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
    model: SAMPLING_PROPERTIES.model,
    input: { anyOf: [{ type: "string" }, { type: "array", items: ITEM, minItems: 1 }] },
    instructions: textField("A system message before the input."),
    stream: booleanField("Server-sent events. Default false."),
    max_output_tokens: SAMPLING_PROPERTIES.max_tokens,
    temperature: SAMPLING_PROPERTIES.temperature,
    top_p: SAMPLING_PROPERTIES.top_p,
    top_k: SAMPLING_PROPERTIES.top_k,
    min_p: SAMPLING_PROPERTIES.min_p,
    repetition_penalty: SAMPLING_PROPERTIES.repetition_penalty,
    priority: SAMPLING_PROPERTIES.priority,
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
