// Clients that stream, and how each stream ended.

/**
 * Reads a stream: "whole", "left" by its own client, "broken" after its first token, or "lost" before it.
 * Chats where there are messages, else goes on with a prompt.
 */
export async function streamOnce(url, body, { signal, onToken } = {}) {
  const path = body.messages === undefined ? "/v1/completions" : "/v1/chat/completions";
  const began = performance.now();
  let [text, ttftMs, events, rest] = ["", null, "", ""];
  const outcome = (kind, why = "") => ({ outcome: kind, why, text, ttftMs });
  const early = (why) => outcome(ttftMs === null ? "lost" : "broken", why);
  try {
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "model", ...body, stream: true }),
      signal,
    });
    if (answer.status !== 200)
      return early(`status ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      events += part;
      const lines = (rest + part).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        if (!line.startsWith("data: {")) continue;
        const { choices, error } = JSON.parse(line.slice("data: ".length));
        if (error !== undefined) return early(`an error event: ${error.message}`);
        if (choices?.[0] === undefined) continue;
        ttftMs ??= performance.now() - began;
        text += choices[0].text ?? choices[0].delta?.content ?? "";
        onToken?.();
      }
    }
  } catch (error) {
    if (signal?.aborted === true) return outcome("left");
    return early(`the connection: ${error.cause?.code ?? error.message}`);
  }
  const isWhole = /"finish_reason":"(?:stop|length)"/.test(events) && events.includes("data: [DONE]");
  return isWhole ? outcome("whole") : early("it ended early, without an error");
}

/** Clients that stream one after the other, as many at a time as there are to be. */
export class Streams {
  #url;
  #maxTokens;
  #isOver = false;
  #clients;
  #counts = { whole: 0, broken: [], lost: [] };
  #forEnds = [];
  #forTokens = [];

  constructor(url, { streams, maxTokens }) {
    this.#url = url;
    this.#maxTokens = maxTokens;
    this.#clients = Array.from({ length: streams }, (_, index) => this.#client(index));
  }

  async #client(index) {
    for (let number = 0; !this.#isOver; number++) {
      const body = { prompt: `Client ${index}, ${number}:`, max_tokens: this.#maxTokens, ignore_eos: true };
      const { outcome, why } = await streamOnce(this.#url, body, { onToken: () => wake(this.#forTokens) });
      if (outcome === "whole") this.#counts.whole++;
      else this.#counts[outcome].push(why);
      wake(this.#forEnds);
    }
  }

  /** Waits until so many more streams have ended, however. */
  completed(count) {
    return after(count, this.#forEnds);
  }

  /** Waits until so many more tokens have come, so that streams have begun and not ended. */
  received(count) {
    return after(count, this.#forTokens);
  }

  /** What came of them since the last time. */
  take() {
    const taken = this.#counts;
    this.#counts = { whole: 0, broken: [], lost: [] };
    return taken;
  }

  /** Lets those that run end. */
  async end() {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }
}

function after(count, waiting) {
  return new Promise((resolve) => waiting.push({ left: count, resolve }));
}

function wake(waiting) {
  for (const one of waiting) if (--one.left === 0) one.resolve();
}
