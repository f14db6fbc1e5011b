/** The conversation: sending, stopping, beginning anew. */
import { userMessage } from "./answer-view.js";
import { Answering } from "./answering.js";
import { byId, make } from "./dom.js";
import { countText } from "./figures.js";
import { ServerError, type ChatMessage, type ServerApi } from "./server-api.js";
import type { Settings } from "./settings.js";

/** How near its end a page counts as read to the end, in CSS pixels. */
const NEAR_END_PX = 80;

export class Chat {
  readonly #api: ServerApi;
  readonly #settings: Settings;
  readonly #keyNeeded: () => void;
  readonly #welcome = byId("welcome", HTMLElement);
  readonly #conversation = byId("conversation", HTMLElement);
  readonly #message = byId("message", HTMLTextAreaElement);
  readonly #send = byId("send", HTMLButtonElement);
  readonly #stop = byId("stop", HTMLButtonElement);
  readonly #status = byId("status", HTMLElement);
  #messages: ChatMessage[] = [];
  #running: AbortController | null = null;

  /** @param keyNeeded - called where the server asks for a key */
  constructor(api: ServerApi, settings: Settings, keyNeeded: () => void) {
    this.#api = api;
    this.#settings = settings;
    this.#keyNeeded = keyNeeded;
    byId("composer", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#stop.addEventListener("click", () => this.#abort());
    byId("new-chat", HTMLButtonElement).addEventListener("click", () => this.#begin());
    this.#message.addEventListener("input", () => this.#messageChanged());
    this.#message.addEventListener("keydown", (event) => {
      // An input method takes Enter for its own.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void this.#submit();
    });
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#abort();
    });
  }

  /** Whether a message may be sent has changed. */
  refresh(): void {
    this.#send.disabled = this.#settings.model === "" || this.#message.value.trim() === "";
  }

  async #submit(): Promise<void> {
    const text = this.#message.value.trim();
    if (this.#running !== null || text === "" || this.#settings.model === "" || !this.#settings.check())
      return;
    const running = new AbortController();
    this.#setRunning(running);
    this.#setMessage("");
    const messages = this.#messages;
    const question = userMessage(text);
    const answering = new Answering(this.#settings.model);
    this.#welcome.hidden = true;
    for (const error of this.#conversation.querySelectorAll(".error")) error.remove();
    this.#conversation.append(question, answering.view.element);
    scrollToEnd();
    this.#status.textContent = "The model answers.";
    const user = { role: "user", content: text } as const;
    const request = this.#settings.request([...messages, user]);
    const { content, tokens, error } = await answering.run(this.#api, request, running.signal, keepingEnd);
    if (messages !== this.#messages) return;
    if (error === null || tokens > 0) messages.push(user, { role: "assistant", content });
    else {
      // Nothing came of it: it can be sent again.
      question.remove();
      answering.view.element.remove();
      this.#setMessage([text, this.#message.value].filter((part) => part !== "").join("\n"));
    }
    this.#status.textContent = error === null ? `The answer has ended: ${countText(tokens)} tokens.` : "";
    if (error !== null) this.#showError(error);
    this.#setRunning(null);
  }

  #showError(error: Error): void {
    const isNetwork = error instanceof TypeError;
    const alert = make(
      "article",
      "error notice",
      isNetwork ? `The server cannot be reached: ${error.message}` : error.message,
    );
    alert.setAttribute("role", "alert");
    keepingEnd(() => this.#conversation.append(alert));
    if (error instanceof ServerError && error.status === 401) this.#keyNeeded();
  }

  #abort(): void {
    this.#running?.abort();
    this.#message.focus();
  }

  /** A new conversation. */
  #begin(): void {
    this.#running?.abort();
    this.#messages = [];
    this.#conversation.replaceChildren();
    this.#welcome.hidden = false;
    this.#status.textContent = "";
    this.#setRunning(null);
    this.#message.focus();
  }

  #setRunning(running: AbortController | null): void {
    const hadFocus = document.activeElement === this.#send || document.activeElement === this.#stop;
    this.#running = running;
    this.#send.hidden = running !== null;
    this.#stop.hidden = running === null;
    // The button that had it is gone.
    if (hadFocus) this.#message.focus();
    this.refresh();
  }

  #setMessage(text: string): void {
    this.#message.value = text;
    this.#messageChanged();
  }

  /** As high as its text, up to what the style sheet says. */
  #messageChanged(): void {
    this.#message.style.height = "auto";
    this.#message.style.height = `${this.#message.scrollHeight + 2}px`;
    this.refresh();
  }
}

function scrollToEnd(): void {
  window.scrollTo({ top: document.documentElement.scrollHeight });
}

/** A reader who is at the end of the page stays there; who reads further up is left alone. */
function keepingEnd(change: () => void): void {
  const { scrollHeight } = document.documentElement;
  const isAtEnd = window.scrollY + window.innerHeight > scrollHeight - NEAR_END_PX;
  change();
  if (isAtEnd) scrollToEnd();
}
