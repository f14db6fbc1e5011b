/** Messages on the page: what somebody wrote, and an answer with its figures. */
import { make, setText } from "./dom.js";
import { countText, durationText, rateText } from "./figures.js";
import { LatencyPicture } from "./latency-picture.js";
import type { ChatEvent } from "./server-api.js";
import { textBlocks } from "./text-blocks.js";
import type { TokenTimes } from "./token-times.js";

/** What the user wrote. */
export function userMessage(text: string): HTMLElement {
  const article = make("article", "user");
  article.append(make("h3", "unseen", "You"), make("p", "prose", text));
  return article;
}

/** An answer, as far as it has come. */
export interface AnswerState {
  readonly content: string;
  readonly reasoning: string;
  readonly times: TokenTimes;
}

/** An answer, which grows. */
export class AnswerView {
  readonly element = make("article", "answer");
  readonly #reasoning = make("details", "reasoning");
  readonly #reasoningTitle = make("summary", "", "Thinking …");
  readonly #reasoningText = make("p", "prose");
  readonly #blocks = make("div", "blocks");
  readonly #waiting = make("p", "note", "Reading the prompt …");
  readonly #ending = make("p", "ending note");
  readonly #figures = make("dl", "figures");
  readonly #values: Readonly<Record<"ttft" | "rate" | "tokens" | "longest", HTMLElement>>;
  readonly #picture = new LatencyPicture();
  readonly #measured = make("p", "measured note");

  constructor(model: string) {
    this.#reasoning.append(this.#reasoningTitle, this.#reasoningText);
    this.#reasoning.hidden = true;
    this.#figures.hidden = true;
    this.#ending.hidden = true;
    this.#measured.hidden = true;
    this.#values = {
      ttft: this.#figure("Time to first token", "ttft"),
      rate: this.#figure("Tokens/s", "rate"),
      tokens: this.#figure("Tokens", "tokens"),
      longest: this.#figure("Longest gap", "longest"),
    };
    this.element.setAttribute("aria-busy", "true");
    this.element.append(
      make("h3", "name", model),
      this.#reasoning,
      this.#waiting,
      this.#blocks,
      this.#ending,
      this.#figures,
      this.#picture.element,
      this.#measured,
    );
  }

  /** Shows what has come so far. */
  show({ content, reasoning, times }: AnswerState): void {
    const { ttftMs, tokensPerSecond, longestGapMs, gapsMs } = times;
    this.#waiting.hidden = ttftMs !== null;
    this.#reasoning.hidden = reasoning === "";
    setText(this.#reasoningText, reasoning.trim());
    setText(this.#reasoningTitle, content.trim() === "" ? "Thinking …" : "What it thought");
    this.#showBlocks(content);
    if (ttftMs === null) return;
    this.#figures.hidden = false;
    setText(this.#values.ttft, durationText(ttftMs));
    setText(this.#values.rate, tokensPerSecond === null ? "–" : rateText(tokensPerSecond));
    setText(this.#values.tokens, countText(gapsMs.length));
    setText(this.#values.longest, longestGapMs === null ? "–" : durationText(longestGapMs));
    this.#picture.draw(gapsMs);
  }

  /** There is no more. @param ending - what a reader should know of it; "" for nothing */
  end(ending: string): void {
    this.element.setAttribute("aria-busy", "false");
    this.#waiting.hidden = true;
    this.#ending.hidden = ending === "";
    setText(this.#reasoningTitle, "What it thought");
    setText(this.#ending, ending);
  }

  /** What the server measured. */
  showServerFigures(
    { metrics, prompt_tokens: prompt }: NonNullable<ChatEvent["usage"]>,
    timings: ChatEvent["timings"],
  ): void {
    const { prompt_per_second: read, predicted_per_second: written } = timings ?? {};
    const parts = [
      ...(metrics === undefined
        ? []
        : [
            `first token after ${durationText(metrics.time_to_first_token_ms)}, ` +
              `${durationText(metrics.queue_time_ms)} of it in the queue`,
          ]),
      ...(written === undefined ? [] : [`${rateText(written)} tokens/s`]),
      `prompt of ${countText(prompt)} tokens${read === undefined ? "" : ` read at ${rateText(read)}/s`}`,
    ];
    setText(this.#measured, `Measured by the server: ${parts.join(" · ")}`);
    this.#measured.hidden = false;
  }

  #figure(name: string, className: string): HTMLElement {
    const value = make("dd", className);
    const pair = make("div");
    pair.append(make("dt", "", name), value);
    this.#figures.append(pair);
    return value;
  }

  /** Elements that are there already stay, so that what is selected in them does too. */
  #showBlocks(content: string): void {
    const blocks = textBlocks(content);
    for (const [index, { kind, text }] of blocks.entries()) {
      const name = kind === "code" ? "pre" : "p";
      const found = this.#blocks.children[index];
      if (found?.localName === name) {
        setText(found as HTMLElement, text);
        continue;
      }
      const block = make(name, kind, text);
      // Code may be wider than the page: who uses keys has to be able to scroll it.
      if (kind === "code") block.tabIndex = 0;
      if (found === undefined) this.#blocks.append(block);
      else found.replaceWith(block);
    }
    while (this.#blocks.children.length > blocks.length) this.#blocks.lastElementChild?.remove();
  }
}
