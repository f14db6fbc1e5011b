import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, TextEmbeddingPipeline } from "openvino-llm";
import { CHAIN_TEXT } from "../../../../lib/models/gguf/chain-model.js";
import { ALPHABET, chainModel } from "../../../../test/helpers/chain.js";
import { findChromium, startChromium, type Chromium } from "../../../../test/helpers/chromium.mjs";
import { given, need } from "../../../../test/helpers/needs.js";
import { LlmServer } from "../../lib/index.js";
import { until } from "../helpers/served.js";
import { openChat, type ChatTab } from "./chat-tab.mjs";

const BERT = fileURLToPath(new URL("../../../../test/fixtures/tiny-bert", import.meta.url));
const TEMPLATE =
  "{# <think> </think> #}{% for message in messages %}<|im_start|>{{ message.role }}<|im_sep|>{{ message.content }}<|im_end|>" +
  "{% endfor %}<|im_start|>";
/** Code that would be markup, and a line that is wider than a small window. */
const CODE = `document.body.innerHTML = "<img src=x onerror=alert(1)>"; // ${"wide ".repeat(40)}`;
const PIECES = [
  "<think>",
  "Which code?",
  "</think>",
  "Like this:",
  "\n```js\n",
  CODE,
  "\n```\n",
  "<b>Done.</b>!",
];
/** The text's bytes and the end of the sequence. */
const CHAIN_TOKENS = Buffer.from(CHAIN_TEXT).length + 1;

const executable = findChromium();
const wide = { width: 1200, colorScheme: "light" } as const;

describe("the chat page in Chromium", given(need("Chromium", executable !== null)), () => {
  let browser: Chromium;
  let llms: Record<"chain" | "coder" | "endless", ContinuousBatchingPipeline>;
  let embedder: TextEmbeddingPipeline;
  let server: LlmServer;
  let closed: LlmServer;

  beforeAll(async () => {
    const endless = { text: ALPHABET, loop: true, contextLength: 100_000 };
    llms = {
      chain: await ContinuousBatchingPipeline.load(await chainModel()),
      coder: await ContinuousBatchingPipeline.load(await chainModel({ pieces: PIECES }), {
        chatTemplate: TEMPLATE,
      }),
      endless: await ContinuousBatchingPipeline.load(await chainModel(endless)),
    };
    embedder = await TextEmbeddingPipeline.load(BERT);
    const models = Object.entries(llms).map(([name, llm]) => ({ name, llm }));
    server = await LlmServer.start({
      models: [{ name: "vectors", pipeline: embedder }, ...models],
      port: 0,
    });
    closed = await LlmServer.start({ models, port: 0, apiKeys: ["right"] });
    await Promise.all([server.ready, closed.ready]);
    browser = await startChromium(executable ?? "");
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.close(), closed?.close()]);
    await Promise.all([...Object.values(llms), embedder].map((one) => one.close()));
  });

  /** Whether a page asked for nothing but its own server, and ran without a word on the console. */
  function expectQuiet(tab: ChatTab): void {
    expect(tab.messages).toEqual([]);
    expect(tab.otherOrigins).toEqual([]);
  }

  const views = [
    { width: 1200, colorScheme: "light" },
    { width: 1200, colorScheme: "dark" },
    { width: 400, colorScheme: "light" },
    { width: 400, colorScheme: "dark" },
  ] as const;

  /** Whether a page is tidy in windows of each width and in each scheme. */
  async function expectTidy(tab: ChatTab): Promise<void> {
    for (const view of views) {
      await tab.view(view);
      expect(await tab.look()).toEqual({
        background: view.colorScheme === "dark" ? "rgb(20, 23, 27)" : "rgb(245, 246, 248)",
        isWiderThanWindow: false,
        faintTexts: [],
        namelessControls: [],
        repeatedIds: [],
        foreignElements: 0,
      });
    }
  }

  it("answers, with the time of each token, and is tidy", async () => {
    const tab = await openChat(browser, server.url, wide);
    expect(await tab.models()).toEqual(["chain", "coder", "endless"]);
    await tab.send("hello");
    const [answer] = await tab.answers(1);
    expect(answer).toMatchObject({
      model: "chain",
      text: CHAIN_TEXT,
      reasoning: "",
      ending: "",
      ttft: expect.stringMatching(/^\d+(\.\d+)? m?s$/) as string,
      rate: expect.stringMatching(/^[\d,]+(\.\d)?$/) as string,
      tokens: CHAIN_TOKENS,
      points: CHAIN_TOKENS,
      pictureName: expect.stringContaining(`${CHAIN_TOKENS} tokens`) as string,
      measured: expect.stringMatching(
        /first token after .* tokens\/s .* prompt of \d+ tokens read at/,
      ) as string,
    });
    await tab.choose("coder");
    await tab.send("code");
    const [, coded] = await tab.answers(2);
    expect(coded).toMatchObject({ reasoning: "Which code?", isReasoningOpen: false, code: [CODE] });
    expect(coded?.text).toBe(`Like this:${CODE}<b>Done.</b>!`);
    expect(coded?.points).toBe(PIECES.length + 1);
    await tab.set("system", "Be brief.");
    await expectTidy(tab);
    expectQuiet(tab);
    await tab.close();
  });

  it("sends what was said and set, stops, and begins anew", async () => {
    const tab = await openChat(browser, server.url, { width: 400, colorScheme: "dark" });
    await tab.models();
    await tab.set("system", "Be brief.");
    await tab.set("temperature", "0");
    await tab.type("a", "Shift+Enter", "b", "Enter");
    await tab.answers(1);
    await tab.choose("endless");
    await tab.set("max-tokens", "");
    await tab.send("again");
    await tab.hasTokens(5);
    expect(llms.endless.metrics().running).toBe(1);
    await tab.click("Stop");
    const [, stopped] = await tab.answers(2);
    await until(() => llms.endless.metrics().running === 0);
    expect(stopped).toMatchObject({ ending: "Stopped.", measured: "" });
    expect(stopped?.points).toBe(stopped?.tokens);
    expect(stopped?.text).toMatch(/^abcd/);

    const system = { role: "system", content: "Be brief." };
    const first = { role: "user", content: "a\nb" };
    expect(tab.bodies).toEqual([
      {
        model: "chain",
        messages: [system, first],
        temperature: 0,
        max_tokens: 1024,
        stream: true,
        stream_options: { include_usage: true },
      },
      {
        model: "endless",
        messages: [
          system,
          first,
          { role: "assistant", content: CHAIN_TEXT },
          { role: "user", content: "again" },
        ],
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
      },
    ]);

    await tab.send("more");
    await tab.hasTokens(5);
    await tab.type("Escape");
    expect((await tab.answers(3)).at(-1)?.ending).toBe("Stopped.");
    await tab.set("max-tokens", "3");
    await tab.send("three");
    expect((await tab.answers(4)).at(-1)).toMatchObject({
      text: "abc",
      ending: expect.stringMatching(/^Cut here/) as string,
    });
    await tab.click("New chat");
    expect(await tab.answers(0)).toEqual([]);
    await tab.send("new");
    await tab.answers(1);
    expect(tab.bodies.at(-1)).toMatchObject({ messages: [system, { role: "user", content: "new" }] });
    expectQuiet(tab);
    await tab.close();
  });

  it("shows what the server refuses, and gives the message back", async () => {
    const tab = await openChat(browser, server.url, wide);
    await tab.models();
    await tab.set("max-tokens", "2000000");
    await tab.send("hello");
    expect(await tab.alert()).toMatch(/^The prompt has \d+ tokens and 2000000 are asked for/);
    expect([await tab.message(), await tab.questions()]).toEqual(["hello", []]);
    await expectTidy(tab);
    await tab.set("max-tokens", "0");
    await tab.type("Enter");
    expect(tab.bodies).toHaveLength(1);
    await tab.set("max-tokens", "2");
    await tab.type("Enter");
    expect((await tab.answers(1)).map(({ tokens }) => tokens)).toEqual([2]);
    expect(tab.messages).toEqual([expect.stringContaining("400 (Bad Request)")]);
    await tab.close();
  });

  it("asks for a key where the server does, and keeps it out of its storage", async () => {
    const tab = await openChat(browser, closed.url, wide);
    await tab.giveKey("wrong");
    expect(await tab.alert()).toMatch("Expected an API key of this server");
    expect(await tab.asksForKey()).toBe(true);
    await expectTidy(tab);
    await tab.giveKey("right");
    expect(await tab.models()).toEqual(["chain", "coder", "endless"]);
    expect(await tab.asksForKey()).toBe(false);
    await tab.send("hello");
    expect((await tab.answers(1)).map(({ text }) => text)).toEqual([CHAIN_TEXT]);
    expect(await tab.stored()).toEqual([""]);
    // Chromium itself reports each 401.
    expect(tab.messages).toHaveLength(2);
    for (const message of tab.messages) expect(message).toContain("401 (Unauthorized)");
    await tab.close();
  });
});
