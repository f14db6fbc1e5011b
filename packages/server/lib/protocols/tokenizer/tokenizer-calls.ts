/** POST /tokenize, /detokenize and /apply-template: vLLM's shapes, OpenVINO Model Server's `{ text }`, llama-server's template. */
import { badRequest } from "../../errors/api-error.js";
import type { ServedModel } from "../../models/served-model.js";
import { COUNT, has, listOf, TEXT } from "../../schema/answers.js";
import { booleanField, nullable, textField, type JsonSchema } from "../../schema/fields.js";
import { MESSAGES } from "../chat/schema.js";
import { messagesOf } from "../chat/to-engine.js";
import type { ChatRequestMessage } from "../chat/schema.js";
import { openAiError } from "../openai/openai-error.js";
import { tokenTextsOf } from "../openai/token-texts.js";
import type { Operation } from "../operation.js";

/** A chat as a template takes it. */
interface TemplateFields {
  readonly model?: string | null;
  readonly messages?: readonly ChatRequestMessage[] | null;
  readonly add_generation_prompt?: boolean | null;
  readonly chat_template_kwargs?: Readonly<Record<string, unknown>> | null;
  readonly tools?: readonly object[] | null;
}

interface TokenizeBody extends TemplateFields {
  readonly prompt?: string | null;
  readonly text?: string | null;
  readonly add_special_tokens?: boolean | null;
  readonly return_token_strs?: boolean | null;
}

const TEMPLATE_PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  model: textField("The model's name; may be left out where one is served."),
  messages: nullable(MESSAGES),
  add_generation_prompt: booleanField("Whether the assistant's answer begins. Default true."),
  chat_template_kwargs: nullable({ type: "object", description: "Variables of the chat template." }),
  tools: nullable({ type: "array", items: { type: "object" } }),
};

const NAMES: Readonly<Record<string, string>> = {
  messages: "messages",
  extraContext: "chat_template_kwargs",
  tools: "tools",
};

/** POST /tokenize. */
export const tokenize: Operation<TokenizeBody> = {
  id: "tokenize",
  summary: "The tokens of a text or of a chat",
  answer: has({
    count: COUNT,
    max_model_len: nullable(COUNT),
    tokens: listOf(COUNT),
    token_strs: nullable(listOf(TEXT)),
  }),
  schema: {
    type: "object",
    properties: {
      ...TEMPLATE_PROPERTIES,
      prompt: textField("A text."),
      text: textField("The same by OpenVINO Model Server's name."),
      add_special_tokens: booleanField("With those that begin and end a text. Default true."),
      return_token_strs: booleanField("The tokens as texts too. Default false."),
    },
  },
  fieldNames: NAMES,
  errorBody: openAiError,
  run: async (body, { models }) => {
    const model = models.find(body.model);
    const tokens = [...(await tokensOf(body, model))];
    const texts = body.return_token_strs === true ? await tokenTextsOf(model.llm) : null;
    return {
      kind: "whole",
      body: {
        count: tokens.length,
        max_model_len: model.llm.model.contextLength,
        tokens,
        token_strs: texts === null ? null : tokens.map((id) => texts.textOf(id)),
      },
    };
  },
};

/** POST /detokenize. */
export const detokenize: Operation<{ readonly model?: string | null; readonly tokens: readonly number[] }> = {
  id: "detokenize",
  summary: "The text of tokens",
  answer: has({ prompt: TEXT }),
  schema: {
    type: "object",
    properties: {
      model: textField("The model's name; may be left out where one is served."),
      tokens: { type: "array", items: { type: "integer", minimum: 0, maximum: 2 ** 31 - 1 } },
    },
    required: ["tokens"],
  },
  fieldNames: { tokenIds: "tokens" },
  errorBody: openAiError,
  run: async ({ model, tokens }, { models }) => {
    const { tokenizer } = models.find(model).llm;
    return { kind: "whole", body: { prompt: await tokenizer.decode(tokens, { skipSpecialTokens: false }) } };
  },
};

/** POST /apply-template. */
export const applyTemplate: Operation<TemplateFields & { readonly messages: readonly ChatRequestMessage[] }> =
  {
    id: "applyTemplate",
    summary: "A chat as the text that the model gets",
    answer: has({ prompt: TEXT }),
    schema: {
      type: "object",
      properties: { ...TEMPLATE_PROPERTIES, messages: MESSAGES },
      required: ["messages"],
    },
    fieldNames: NAMES,
    errorBody: openAiError,
    run: async (body, { models }) => {
      const { tokenizer } = models.find(body.model).llm;
      const prompt = await tokenizer.applyChatTemplate(messagesOf(body.messages), templateOptions(body));
      return { kind: "whole", body: { prompt } };
    },
  };

async function tokensOf(body: TokenizeBody, { llm: { tokenizer } }: ServedModel): Promise<Int32Array> {
  const text = body.prompt ?? body.text ?? null;
  const messages = body.messages ?? null;
  if ((text === null) === (messages === null)) {
    const received = text === null ? "neither" : "both";
    throw badRequest(
      `Expected either prompt (or text) or messages but received ${received}.`,
      text === null ? "prompt" : "messages",
    );
  }
  if (messages !== null) return tokenizer.encodeChat(messagesOf(messages), templateOptions(body));
  return tokenizer.encode(text ?? "", { addSpecialTokens: body.add_special_tokens ?? true });
}

function templateOptions({
  add_generation_prompt: begins,
  chat_template_kwargs: variables,
  tools,
}: TemplateFields) {
  return {
    addGenerationPrompt: begins ?? true,
    ...(variables === null || variables === undefined ? {} : { extraContext: variables }),
    ...(tools === null || tools === undefined ? {} : { tools }),
  };
}
