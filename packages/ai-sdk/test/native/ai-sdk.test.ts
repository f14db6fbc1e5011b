import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { CHAIN_TEXT } from "../../../../lib/models/gguf/chain-model.js";
import { npmTools } from "../../../../scripts/tools.mjs";
import { ALPHABET, CALLER_PIECES, callPieces, chainModel } from "../../../../test/helpers/chain.js";
import { nodeBinary } from "../../../../test/helpers/node-versions.js";
import { runProgram } from "../../../../test/helpers/run-node.js";

// The AI SDK itself, of both versions, each in a process of its own, by what it prints.

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const fixture = (name: string) => path(`../../../../test/fixtures/${name}`);

/** After the result of a tool the chain goes on behind the call, else it begins. */
const TEMPLATE =
  "{# <tool_call> <think> </think> #}{% if tools %}{{ tools | tojson }}{% endif %}" +
  "{% for message in messages %}<|im_start|>{{ message.role }}<|im_sep|>{{ message.content }}<|im_end|>{% endfor %}" +
  "<|im_start|>{% if messages[-1].role == 'tool' %}</tool_call>{% else %}<|im_sep|>{% endif %}";
const tokens = Buffer.from(CHAIN_TEXT).length + 1;

let models: string;
beforeAll(async () => {
  models = JSON.stringify({
    chain: await chainModel(),
    caller: await chainModel({ pieces: [...CALLER_PIECES, "It is sunny."] }),
    broken: await chainModel({ pieces: callPieces("get_weather", '{"city": Paris}') }),
    endless: await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 }),
    callerTemplate: TEMPLATE,
    embedder: fixture("tiny-bert"),
    reranker: fixture("tiny-reranker"),
  });
});

describe.each([
  ["6", process.execPath],
  ["7", "Node 22"],
])("ai %s", (version, node) => {
  let found: Record<string, unknown>;
  beforeAll(async () => {
    const folder = await npmTools(path(`../sdk/ai-${version}`));
    const binary = node === "Node 22" ? await nodeBinary(22) : node;
    const { code, stdout, stderr } = await runProgram(binary, [path("../sdk/run.mjs"), folder, models]);
    expect(code, stderr).toBe(0);
    found = JSON.parse(stdout) as Record<string, unknown>;
  }, 300_000);

  it("generates and streams, with usage, metadata and timing", () => {
    expect(found).toMatchObject({
      whole: [CHAIN_TEXT, "stop", true, tokens],
      sum: true,
      response: ["chain", true, []],
      metadata: {
        stopReason: null,
        rngSeed: null,
        schemaMismatch: null,
        timing: { ttftMs: expect.any(Number), tpotMs: expect.any(Number), itlMs: { n: tokens - 1 } },
      },
      streamedText: CHAIN_TEXT,
      // A token each, but for the bytes of one character.
      deltas: [...CHAIN_TEXT].length,
      streamed: ["stop", tokens],
      streamedMetadata: ["stopReason", "rngSeed", "schemaMismatch", "timing"],
      single: CHAIN_TEXT,
    });
  });

  it("answers calls at once in steps together", () => {
    const [calls, stepsPerToken] = found["batched"] as [number, number];
    expect(calls).toBe(4);
    expect(stepsPerToken).toBeLessThan(2);
  });

  it("takes stop sequences, lengths, seeds, and options of the provider", () => {
    expect(found).toMatchObject({
      stopped: [CHAIN_TEXT.slice(0, CHAIN_TEXT.indexOf("7")), "stop", "7"],
      short: [2, "length"],
      seeds: [7, 7],
      regex: expect.stringMatching(/^[0-9]{3}$/),
    });
  });

  it("calls tools in a loop, reported and streamed with their inputs, and reports what is malformed", () => {
    expect(found["agent"]).toEqual([
      {
        text: "I will ask.It is sunny.",
        reasoningText: "Which city?",
        calls: [["get_weather", { city: "Paris" }]],
        results: [{ summary: "sunny" }],
        finishReason: "tool-calls",
      },
      { text: "It is sunny.", calls: [], results: [], finishReason: "stop" },
    ]);
    const text = [["text-start"], ["text-delta"], ["text-end"]];
    const reasoning = [["reasoning-start"], ["reasoning-delta"], ["reasoning-end"]];
    const called = [
      ["tool-input-start", "get_weather"],
      ["tool-input-delta", '{"city": "Paris"}'],
      ["tool-input-end"],
      ["tool-call", "get_weather"],
    ];
    const result = [["tool-result", "get_weather"]];
    const steps = [[...reasoning, ...text, ...called, ...text, ...result], text].flatMap((events) => [
      ["start-step"],
      ...events,
      ["finish-step"],
    ]);
    expect(found["events"]).toEqual([["start"], ...steps, ["finish"]]);
    expect(found).toMatchObject({
      asked: ["Paris", "Paris"],
      wrong: [[["get_weather", true]], "tool-calls", 0],
    });
  });

  it("enforces a call, and answers by its result, with a real model that is loaded by its name", () => {
    expect(found).toMatchObject({
      forced: [
        [[{ city: "Paris" }], false],
        [[], true],
      ],
      forcedAsked: ["Paris"],
      object: true,
    });
  });

  it("gives objects by a grammar, whole and as they come, and says where one was cut off", () => {
    expect(found).toMatchObject({
      output: { kind: "x" },
      partial: { kind: "x" },
      choice: expect.stringMatching(/^(?:yes|no)$/),
      named: [["b", { kind: "x" }]],
      cut: ["AI_NoObjectGeneratedError", "length", 3],
      mismatch: [{ pair: ["x", "x"] }, expect.stringContaining("pair")],
      streamedMismatch: [{ pair: ["x", "x"] }, true],
    });
  });

  it("embeds and ranks as the library does", () => {
    expect(found).toMatchObject({ embedded: true, query: true, ranked: true, rankedObjects: 3 });
  });

  it("ends what is aborted or left", () => {
    expect(found).toMatchObject({ abortReported: true, aborted: "AbortError", early: "AbortError" });
    expect(found).toMatchObject({ interrupted: "ERR_CLOSED", interruptedReason: "error" });
  });

  it("fails with the errors of the AI SDK", () => {
    const containing = (text: string) => expect.stringContaining(text) as string;
    expect(found).toMatchObject({
      tooLong: ["AI_InvalidPromptError", true, containing("shorter than 2048 tokens")],
      streamError: "AI_InvalidPromptError",
      noModel: ["AI_NoSuchModelError", true, containing("npx openvino-llm models")],
      badSetting: ["AI_InvalidArgumentError", true, containing("from -2 to 2 for presencePenalty")],
      badOption: ["AI_InvalidArgumentError", true, containing("no providerOptions.openvino.minp")],
      noImage: ["AI_UnsupportedFunctionalityError", true, containing("image/png")],
      noImageModel: ["AI_NoSuchModelError", true, containing("imageModel")],
    });
  });

  it("warns of what is done otherwise", () => {
    const beside = ["compatibility", "responseFormat beside tools"];
    // Version 3 of the specification has no setting for reasoning.
    expect(found["warned"]).toEqual(version === "6" ? [beside] : [beside, ["unsupported", "reasoning"]]);
  });

  it("is a provider for a registry, loads a model once, and again where it was closed", () => {
    expect(found).toMatchObject({
      registry: CHAIN_TEXT,
      shared: true,
      closed: ["OpenVinoLlmError", expect.stringContaining("closed")],
      reloaded: CHAIN_TEXT,
    });
  });
});
