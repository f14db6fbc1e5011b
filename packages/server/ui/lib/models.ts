/** Which models there are, and the key that the server may ask for. */
import { byId, make, setText } from "./dom.js";
import { countText } from "./figures.js";
import { ServerError, type ServerApi, type TextModel } from "./server-api.js";

/** How long until the server is asked again while it loads, in milliseconds. */
const RETRY_MS = 2000;

export class Models {
  readonly #api: ServerApi;
  readonly #changed: () => void;
  readonly #select = byId("model", HTMLSelectElement);
  readonly #facts = byId("model-facts", HTMLElement);
  readonly #notice = byId("notice", HTMLElement);
  readonly #keyForm = byId("key-form", HTMLFormElement);
  readonly #key = byId("key", HTMLInputElement);
  #models: readonly TextModel[] = [];

  /** @param changed - called when there are other models to choose from */
  constructor(api: ServerApi, changed: () => void) {
    this.#api = api;
    this.#changed = changed;
    this.#select.addEventListener("change", () => this.#showFacts());
    this.#keyForm.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#api.key = this.#key.value;
      void this.load();
    });
  }

  /** Asks the server for them, until it has loaded them. */
  async load(): Promise<void> {
    try {
      this.#models = await this.#api.textModels();
      this.#keyForm.hidden = true;
      this.#key.value = "";
      this.#show("");
      this.#fill();
    } catch (error) {
      const status = error instanceof ServerError ? error.status : 0;
      const message = error instanceof Error ? error.message : String(error);
      if (status === 401) return this.askForKey(this.#api.key === "" ? "" : message);
      this.#show(status === 0 ? `The server cannot be reached: ${message}` : message);
      if (status === 503) setTimeout(() => void this.load(), RETRY_MS);
    }
  }

  /** @param message - what is wrong with the one that was given */
  askForKey(message = ""): void {
    this.#keyForm.hidden = false;
    this.#facts.textContent = "";
    this.#show(message);
    this.#key.select();
    this.#key.focus();
  }

  #fill(): void {
    const chosen = this.#select.value;
    this.#select.replaceChildren(
      ...this.#models.map(({ name }) => {
        const option = make("option", "", name);
        option.value = name;
        option.selected = name === chosen;
        return option;
      }),
    );
    this.#select.disabled = this.#models.length === 0;
    if (this.#models.length === 0) this.#show("This server has no model that generates text.");
    this.#showFacts();
    this.#changed();
  }

  #showFacts(): void {
    const model = this.#models.find(({ name }) => name === this.#select.value);
    if (model === undefined) return void (this.#facts.textContent = "");
    const { name, device, contextLength } = model;
    const context = contextLength === null ? "" : `, with a context of ${countText(contextLength)} tokens`;
    this.#facts.textContent = `${name} runs on the server’s ${device}${context}.`;
  }

  #show(text: string): void {
    // What is an alert would be read out again.
    setText(this.#notice, text);
    this.#notice.hidden = text === "";
  }
}
