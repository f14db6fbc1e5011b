/** From messages to the text of a prompt, by a chat template. */
import { TemplateError } from "../chat-template/template-error.js";
import { Template } from "../chat-template/template.js";
import { OpenVinoLlmError } from "../errors/errors.js";

/** A chat for a template; what it holds, JSON can hold. */
export interface TemplateChat {
  /** Checked, with their content as text. */
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  /** Default none. */
  readonly tools?: readonly unknown[] | undefined;
  /** Default true. */
  readonly addGenerationPrompt?: boolean | undefined;
  /** Further variables. Default none. */
  readonly extraContext?: Readonly<Record<string, unknown>> | undefined;
}

/** The tokenizer's special tokens, by the names that templates have for them. */
export type TemplateTokens = Readonly<Partial<Record<"bos_token" | "eos_token" | "pad_token", string>>>;

/** Names under which a template may look for an assistant's reasoning, as transformers has them. */
const REASONING = ["reasoning_content", "thinking", "reasoning"] as const;
/** A text that no template writes by itself. */
const SIGN = "7b5e81c4";

/** One template, ready to render. */
export class ChatRenderer {
  readonly #template: Template;
  readonly #tokens: TemplateTokens;
  readonly #wantsParts: boolean;

  /** @throws OpenVinoLlmError ERR_CHAT_TEMPLATE for what is no template */
  constructor(text: string, tokens: TemplateTokens) {
    this.#template = withTemplateErrors(() => new Template(text));
    this.#tokens = tokens;
    this.#wantsParts = !this.#writes(SIGN) && this.#writes(inParts(SIGN));
  }

  /** @throws OpenVinoLlmError ERR_CHAT_TEMPLATE */
  render({ messages, tools, addGenerationPrompt = true, extraContext }: TemplateChat): string {
    const variables = {
      tools: tools ?? null,
      documents: null,
      ...this.#tokens,
      add_generation_prompt: addGenerationPrompt,
      ...extraContext,
      messages: messages.map((message) => this.#asWanted(message)),
    };
    return withTemplateErrors(() => this.#template.render(variables));
  }

  /** What a model goes on from, which is something. @throws OpenVinoLlmError ERR_CHAT_TEMPLATE */
  prompt(chat: TemplateChat): string {
    const text = this.render(chat);
    if (text !== "") return text;
    throw new OpenVinoLlmError(
      "ERR_CHAT_TEMPLATE",
      `The model's chat template gives an empty prompt. ${CURE}`,
    );
  }

  /** Whether a question is in what becomes of it. Templates of models that see too may take parts alone. */
  #writes(content: unknown): boolean {
    const messages = [{ role: "user", content }];
    try {
      return this.#template
        .render({ ...this.#tokens, tools: null, documents: null, add_generation_prompt: true, messages })
        .includes(SIGN);
    } catch {
      return false;
    }
  }

  #asWanted(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const { content } = message;
    const reasoning = REASONING.map((name) => message[name]).find(
      (value) => value !== undefined && value !== null,
    );
    return {
      ...(reasoning === undefined ? undefined : { thinking: reasoning }),
      ...message,
      ...(reasoning === undefined ? undefined : { reasoning_content: reasoning }),
      ...(this.#wantsParts && typeof content === "string" ? { content: inParts(content) } : undefined),
    };
  }
}

function inParts(text: string): readonly object[] {
  return [{ type: "text", text }];
}

const CURE =
  "Give another template with tokenizer.setChatTemplate() or the load's option chatTemplate, or give raw text or token ids.";

function withTemplateErrors<Result>(render: () => Result): Result {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { kind, message } = error;
    const fault = kind === "failed" ? `cannot be rendered: ${message}` : message;
    const cure = kind === "refused" ? "" : ` ${CURE}`;
    throw new OpenVinoLlmError("ERR_CHAT_TEMPLATE", `The model's chat template ${fault}.${cure}`, {
      cause: error,
    });
  }
}
