/** The chat template of a tokenizer, and others that a call names. */
import type { NativeInput } from "../native/native-request.js";
import type { NativeTokenizerFacts } from "../native/native-tokenizer.js";
import type { TextFacts } from "./added-tokens.js";
import { probeChats, type ChatRefusal } from "../prompt/chat-probe.js";
import { ChatRenderer, type TemplateTokens } from "../prompt/chat-renderer.js";
import type { Compose } from "../prompt/composing.js";
import { ContentEscaper, type AddedTokens, type ContentEscapes } from "../prompt/content-escapes.js";
import { noChatTemplate, type ChatInputMessage, type Prompt } from "../prompt/input.js";
import { templateChat } from "./tokenizer-calls.js";
import type { ChatTemplateOptions } from "./tokenizer-options.js";

/** What is made of one template's text. */
interface Prepared {
  readonly text: string;
  readonly escaper: ContentEscaper;
  /** Undefined until it is needed: a tokenizer may have a template that nobody wants. */
  renderer: ChatRenderer | undefined;
}

export class ChatTemplates {
  readonly #added: AddedTokens;
  readonly #tokens: TemplateTokens;
  /** What is done to a text before the addon encodes it. */
  readonly compose: Compose;
  #own: Prepared;
  /** The last one that a call has named. */
  #other: Prepared | undefined;
  #refusals: readonly ChatRefusal[] = [];

  constructor({ bos, eos, pad, chatTemplate }: NativeTokenizerFacts, { added, compose }: TextFacts) {
    this.#added = added;
    this.compose = compose;
    this.#tokens = {
      ...(bos === null ? undefined : { bos_token: bos.text }),
      ...(eos === null ? undefined : { eos_token: eos.text }),
      ...(pad === null ? undefined : { pad_token: pad.text }),
    };
    this.#own = this.#prepared(chatTemplate);
  }

  /** The tokenizer's own; empty: none. */
  get own(): string {
    return this.#own.text;
  }

  /** Kinds of chat that the own one was seen to refuse. */
  get refusals(): readonly ChatRefusal[] {
    return this.#refusals;
  }

  /** Takes another one for its own, or proves the one that it has. @throws OpenVinoLlmError ERR_CHAT_TEMPLATE */
  use(text: string): void {
    const prepared = this.#prepared(text);
    const refusals = text === "" ? [] : probeChats(this.#rendererOf(prepared), text);
    this.#own = prepared;
    this.#refusals = refusals;
  }

  /** Finds in content what would become a special token under a template. */
  escaper(template = this.own): ContentEscaper {
    return this.#find(template).escaper;
  }

  /** A prompt as the addon takes it. @throws OpenVinoLlmError ERR_CHAT_TEMPLATE */
  nativeInput(prompt: Prompt): NativeInput {
    if (prompt.kind === "ids") return prompt;
    if (prompt.kind === "text") return { ...prompt, text: this.compose(prompt.text) };
    const { kind, chat, contentSentinel } = prompt;
    return { kind, text: this.compose(this.#rendererOf(this.#own).prompt(chat)), contentSentinel };
  }

  /** The text of a chat, with escapes. @throws TypeError, RangeError, OpenVinoLlmError */
  textOf(
    messages: readonly ChatInputMessage[],
    options: ChatTemplateOptions,
    escapes: ContentEscapes,
  ): string {
    const chat = templateChat(messages, options, escapes);
    const { chatTemplate = this.own } = options;
    if (chatTemplate === "") throw noChatTemplate("Give one with options.chatTemplate or setChatTemplate()");
    return this.#rendererOf(this.#find(chatTemplate)).render(chat);
  }

  #find(text: string): Prepared {
    if (text === this.#own.text) return this.#own;
    if (this.#other?.text !== text) this.#other = this.#prepared(text);
    return this.#other;
  }

  #prepared(text: string): Prepared {
    return { text, escaper: new ContentEscaper(this.#added, text), renderer: undefined };
  }

  #rendererOf(prepared: Prepared): ChatRenderer {
    return (prepared.renderer ??= new ChatRenderer(prepared.text, this.#tokens));
  }
}
