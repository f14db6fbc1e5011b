/** What a chat is asked with, as the fields of the page say. */
import { byId } from "./dom.js";
import type { ChatMessage, ChatRequest } from "./server-api.js";

export class Settings {
  readonly #model = byId("model", HTMLSelectElement);
  readonly #fold = byId("settings", HTMLDetailsElement);
  readonly #system = byId("system", HTMLTextAreaElement);
  readonly #temperature = byId("temperature", HTMLInputElement);
  readonly #maxTokens = byId("max-tokens", HTMLInputElement);

  /** The model's name; "" where there is none yet. */
  get model(): string {
    return this.#model.value;
  }

  /** Whether the fields hold what may be asked for; if not, the reader is shown which does not. */
  check(): boolean {
    const wrong = [this.#temperature, this.#maxTokens].find((field) => !field.checkValidity());
    if (wrong === undefined) return true;
    // A field in a closed fold cannot be pointed at.
    this.#fold.open = true;
    wrong.reportValidity();
    return false;
  }

  /** A request of these messages. */
  request(messages: readonly ChatMessage[]): ChatRequest {
    const system = this.#system.value.trim();
    const [temperature, maxTokens] = [this.#temperature.value, this.#maxTokens.value];
    return {
      model: this.model,
      messages: system === "" ? messages : [{ role: "system", content: system }, ...messages],
      ...(temperature === "" ? {} : { temperature: Number(temperature) }),
      ...(maxTokens === "" ? {} : { max_tokens: Number(maxTokens) }),
    };
  }
}
