import { afterAll, beforeAll, expect, it } from "vitest";
import { ContinuousBatchingPipeline } from "openvino-llm";
import { answerAfter } from "../../../../test/helpers/batching.js";
import { ALPHABET, chainModel } from "../../../../test/helpers/chain.js";
import type { LlmServer } from "../../lib/index.js";
import { post, serve, stream } from "../helpers/served.js";

const PATH = "/v1/completions";

interface Completion {
  readonly object: string;
  readonly choices: readonly {
    readonly index: number;
    readonly text: string;
    readonly logprobs: unknown;
    readonly finish_reason: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
}

let llm: ContinuousBatchingPipeline;
let server: LlmServer;
beforeAll(async () => {
  llm = await ContinuousBatchingPipeline.load(await chainModel({ text: ALPHABET, loop: true }));
  server = await serve(llm);
});
afterAll(async () => {
  await server.close();
  await llm.close();
});

it("goes on with a text, whole and in one event for each token", async () => {
  const { body } = await post<Completion>(server, PATH, { prompt: "a", max_tokens: 5 });
  expect(body).toMatchObject({
    object: "text_completion",
    choices: [{ index: 0, text: "bcdef", logprobs: null, finish_reason: "length" }],
    usage: { prompt_tokens: 1, completion_tokens: 5 },
  });
  const events = await stream<Completion>(server, PATH, {
    prompt: "a",
    max_tokens: 5,
    stream_options: { include_usage: true },
  });
  expect(events.at(-1)).toBe("[DONE]");
  const chunks = events.slice(0, -2) as Completion[];
  expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual(["b", "c", "d", "e", "f", ""]);
  expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([
    null,
    null,
    null,
    null,
    null,
    "length",
  ]);
  expect(events.at(-2)).toMatchObject({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 5 } });
});

it("takes several texts, token ids and rows of them, each n times, in order", async () => {
  const ids = [...(await llm.tokenizer.encode("xyz"))];
  for (const [prompt, answers] of [
    [
      ["a", "m"],
      ["bcd", "nop"],
    ],
    [ids, ["abc"]],
    [
      [ids, ids.slice(0, 1)],
      ["abc", "yza"],
    ],
  ] as const) {
    const { body } = await post<Completion>(server, PATH, { prompt, n: 2, max_tokens: 3 });
    expect(body.choices.map(({ text }) => text)).toEqual(answers.flatMap((text) => [text, text]));
    expect(body.choices.map(({ index }) => index)).toEqual(body.choices.map((_, index) => index));
  }
  const { body } = await post<Completion>(server, PATH, { prompt: ["aa", "m"], n: 2, max_tokens: 3 });
  expect(body.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 12 });
});

it("streams several at once, each by its index", async () => {
  const events = await stream<Completion>(server, PATH, { prompt: ["a", "m"], max_tokens: 4 });
  const texts = ["", ""];
  for (const { choices } of events.slice(0, -1) as Completion[]) {
    for (const { index, text } of choices) texts[index] += text;
  }
  expect(texts).toEqual([answerAfter("a", 4), answerAfter("m", 4)]);
});

it("begins with the prompt where it is asked to, that of token ids too", async () => {
  const ids = [...(await llm.tokenizer.encode("xyz"))];
  for (const prompt of ["xyz", ids]) {
    const { body } = await post<Completion>(server, PATH, { prompt, echo: true, max_tokens: 2 });
    expect(body.choices[0]?.text).toBe("xyzab");
    const events = await stream<Completion>(server, PATH, { prompt, echo: true, max_tokens: 2 });
    expect((events.slice(0, -1) as Completion[]).map(({ choices }) => choices[0]?.text)).toEqual([
      "xyza",
      "b",
      "",
    ]);
  }
});

it("sends the log-probabilities in the form of completions", async () => {
  const { body } = await post<Completion>(server, PATH, { prompt: "a", max_tokens: 3, logprobs: 1 });
  expect(body.choices[0]?.logprobs).toEqual({
    tokens: ["b", "c", "d"],
    token_logprobs: [expect.any(Number), expect.any(Number), expect.any(Number)],
    top_logprobs: null,
    text_offset: [0, 1, 2],
  });
});

it.each([
  ["no prompt", {}, null],
  ["an empty one", { prompt: "" }, null],
  ["no texts", { prompt: [] }, "prompt"],
  ["an id that the vocabulary does not have", { prompt: [5, 70_000] }, null],
  ["texts beside ids", { prompt: ["a", [1]] }, "prompt"],
  ["more than one log-probability", { prompt: "a", logprobs: 2 }, "logprobs"],
  ["those of a prompt", { prompt: "a", logprobs: 1, echo: true }, "logprobs"],
  ["the best of several", { prompt: "a", best_of: 2 }, "best_of"],
  ["a suffix", { prompt: "a", suffix: "b" }, "suffix"],
])("refuses %s", async (_, body, param) => {
  const refused = await post<{ error: { param: string | null } }>(server, PATH, body);
  expect(refused.status, JSON.stringify(refused.body)).toBe(400);
  if (param !== null) expect(refused.body.error.param).toMatch(param);
});
