/** One answer: asked for, shown as it comes, ended. */
import { AnswerView } from "./answer-view.js";
import type { ChatEvent, ChatRequest, ServerApi } from "./server-api.js";
import { TokenTimes } from "./token-times.js";

/** How an answer ended. */
export interface Answered {
  /** Its text, reasoning aside. */
  readonly content: string;
  readonly tokens: number;
  /** What ended it early; null where nothing failed, and where it was stopped. */
  readonly error: Error | null;
}

const CUT = "Cut here: as many tokens as were asked for, or as the context has room for.";

export class Answering {
  readonly view: AnswerView;
  #content = "";
  #reasoning = "";
  #times = new TokenTimes(performance.now());
  #timings: ChatEvent["timings"] = undefined;
  #frame = 0;

  constructor(model: string) {
    this.view = new AnswerView(model);
  }

  /**
   * Asks and shows what comes.
   *
   * @param around - called with each change of the page
   */
  async run(
    api: ServerApi,
    request: ChatRequest,
    signal: AbortSignal,
    around: (change: () => void) => void,
  ): Promise<Answered> {
    this.#times = new TokenTimes(performance.now());
    let [ending, error]: [string, Error | null] = ["", null];
    const show = (): void =>
      around(() =>
        this.view.show({ content: this.#content, reasoning: this.#reasoning, times: this.#times }),
      );
    try {
      for await (const event of api.chat(request, signal)) {
        const reason = this.#take(event);
        if (reason === "length") ending = CUT;
        // Not more often than the screen is drawn.
        this.#frame ||= requestAnimationFrame(() => {
          this.#frame = 0;
          show();
        });
      }
    } catch (thrown) {
      if (signal.aborted) ending = "Stopped.";
      else error = thrown instanceof Error ? thrown : new Error(String(thrown));
    }
    cancelAnimationFrame(this.#frame);
    show();
    around(() => this.view.end(ending));
    return { content: this.#content, tokens: this.#times.gapsMs.length, error };
  }

  /** @returns why the answer ended, null where it goes on */
  #take(event: ChatEvent): string | null {
    const [choice] = event.choices ?? [];
    if (choice === undefined) {
      this.#times.cut(event.usage?.completion_tokens ?? Infinity);
      if (event.usage) this.view.showServerFigures(event.usage, this.#timings);
      return null;
    }
    if (choice.finish_reason !== null) {
      this.#timings = event.timings;
      return choice.finish_reason;
    }
    // One event for each token, those without text too.
    this.#times.add(performance.now());
    this.#content += choice.delta.content ?? "";
    this.#reasoning += choice.delta.reasoning ?? "";
    return null;
  }
}
