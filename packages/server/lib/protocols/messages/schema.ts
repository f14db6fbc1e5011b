/** The bodies of Anthropic's messages. */
import { booleanField, nullable, textField, type JsonSchema } from "../../schema/fields.js";
import { SAMPLING_PROPERTIES, type SamplingFields } from "../openai/sampling.js";

/** A block of content; which fields it has depends on its type. */
export interface ContentBlock {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly content?: string | readonly ContentBlock[] | null;
}

/** What is asked, apart from how it is answered. */
export interface MessagesPrompt {
  readonly model?: string | null;
  readonly messages: readonly {
    readonly role: "user" | "assistant" | "system";
    readonly content: string | readonly ContentBlock[];
  }[];
  readonly system?: string | readonly ContentBlock[] | null;
  readonly tools?:
    | readonly {
        readonly type?: string | null;
        readonly name: string;
        readonly description?: string | null;
        readonly input_schema?: Readonly<Record<string, unknown>> | null;
      }[]
    | null;
  readonly tool_choice?: {
    readonly type: "auto" | "any" | "tool" | "none";
    readonly name?: string | null;
  } | null;
  readonly thinking?: { readonly type: string } | null;
}

/** The body of a message, checked. */
export interface MessagesBody
  extends MessagesPrompt, Pick<SamplingFields, "stream" | "temperature" | "top_p" | "top_k"> {
  readonly max_tokens: number;
  readonly stop_sequences?: readonly string[] | null;
}

const BLOCKS: JsonSchema = {
  anyOf: [
    { type: "string" },
    {
      type: "array",
      items: {
        type: "object",
        properties: {
          type: { type: "string", description: "text, thinking, redacted_thinking, tool_use or tool_result" },
          text: { type: "string" },
          thinking: { type: "string" },
          id: { type: "string" },
          name: { type: "string" },
          tool_use_id: { type: "string" },
        },
        required: ["type"],
      },
    },
  ],
};

const PROMPT_PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  model: SAMPLING_PROPERTIES.model,
  messages: {
    type: "array",
    items: {
      type: "object",
      properties: { role: { type: "string", enum: ["user", "assistant", "system"] }, content: BLOCKS },
      required: ["role", "content"],
    },
    minItems: 1,
  },
  system: nullable(BLOCKS),
  tools: nullable({
    type: "array",
    items: {
      type: "object",
      properties: {
        name: { type: "string", pattern: "^[a-zA-Z0-9_.-]{1,64}$" },
        description: textField("What it does and when to call it."),
        input_schema: nullable({ type: "object", description: "A JSON Schema." }),
      },
      required: ["name"],
    },
  }),
  tool_choice: nullable({
    type: "object",
    properties: {
      type: { type: "string", enum: ["auto", "any", "tool", "none"] },
      name: textField("The tool."),
    },
    required: ["type"],
  }),
  thinking: nullable({
    type: "object",
    properties: { type: { type: "string", description: '"disabled" turns it off where the template can.' } },
    required: ["type"],
  }),
};

/** Of a message. */
export const MESSAGES_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    ...PROMPT_PROPERTIES,
    max_tokens: {
      type: "integer",
      minimum: 1,
      maximum: 2 ** 31 - 1,
      description: "Tokens to generate at most.",
    },
    stream: booleanField("Server-sent events. Default false."),
    stop_sequences: nullable({ type: "array", items: { type: "string" }, maxItems: 64 }),
    temperature: SAMPLING_PROPERTIES.temperature,
    top_p: SAMPLING_PROPERTIES.top_p,
    top_k: SAMPLING_PROPERTIES.top_k,
  },
  required: ["messages", "max_tokens"],
};

/** Of a count. */
export const COUNT_SCHEMA: JsonSchema = {
  type: "object",
  properties: PROMPT_PROPERTIES,
  required: ["messages"],
};
