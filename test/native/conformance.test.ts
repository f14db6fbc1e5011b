import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { chainModel } from "../helpers/chain.js";
import { runProbe } from "../helpers/probe.js";
import { askOracle, oracle } from "./ask-oracle.js";
import {
  LAID_OUT,
  layoutDifferences,
  NOT_IN_PYTHON,
  returnDifferences,
  type Measured,
  type Probe,
} from "./compare-layouts.js";
import { given } from "../helpers/needs.js";
import { oracleNeed } from "../helpers/oracle.js";

interface Run {
  readonly tokens: number[];
  readonly score: number;
  readonly finishReason: number;
  readonly promptTokens: number;
  readonly generatedTokens: number;
  readonly tokenTimes: number;
  readonly evaluated: boolean;
  readonly streamed: number[];
  readonly vectorWrites: number;
  readonly singleWrites: number;
  readonly ends: number;
}

/** One request of a batch. */
interface Batched {
  readonly tokens: number[];
  readonly logProbs: number;
  readonly score: number;
  readonly finishReasons: number[];
  readonly status: number;
}

interface WholeProbe extends Probe {
  readonly batched: {
    readonly statusAtFirst: number;
    readonly whole: Batched;
    readonly cancelled: Batched;
    readonly stopped: Batched;
    readonly metrics: Readonly<Record<string, number>>;
    readonly promptTokens: number;
    readonly generatedTokens: number;
  };
  readonly byTensor: Run;
  readonly byTokenizedInputs: Run;
  readonly stopped: Run;
  readonly hasTokenTypeIds: boolean;
  readonly grammars: Readonly<Record<string, string | boolean>>;
  readonly eosTokenId: number;
  readonly vocabulary: number;
}

let model: string;
let probe: WholeProbe;

beforeAll(async () => {
  model = await chainModel();
  probe = (await runProbe("abi_probe", [model])) as WholeProbe;
}, 600_000);

describe("what the library writes", () => {
  it("fits what we declare, byte for byte where we read it by field", () => {
    expect(returnDifferences(probe)).toEqual([]);
    expect(Object.keys(probe.returned)).toHaveLength(15);
  });

  it("is seen when a declaration is a byte too short or too long", () => {
    for (const [name, value] of Object.entries(probe.returned)) {
      for (const step of [-8, 8]) {
        const declared = value.declared + step;
        const returned = { ...probe.returned, [name]: { ...value, declared } };
        if (name in LAID_OUT) expect(returnDifferences({ ...probe, returned })).toHaveLength(1);
      }
      const short = { ...value, declared: (value.written.at(-1)?.[1] ?? 0) - 1 };
      expect(returnDifferences({ ...probe, returned: { ...probe.returned, [name]: short } })).toHaveLength(1);
    }
  });
});

describe("what only a call shows", () => {
  it("calls the streamer's functions in our order: the vector form once per token, end() last", () => {
    expect(probe.byTensor).toMatchObject({ vectorWrites: 6, singleWrites: 0, ends: 2 });
    expect(probe.byTensor.streamed).toEqual(probe.byTensor.tokens);
  });

  it("obeys the streamer's answer", () => {
    expect(probe.stopped).toMatchObject({
      vectorWrites: 3,
      finishReason: probe.enums["GenerationFinishReason"]?.["STOP"],
    });
    expect(probe.stopped.streamed).toEqual(probe.byTensor.tokens.slice(0, 3));
  });

  it("fills the results that we read: tokens, score, reason and counts", () => {
    expect(probe.byTensor).toMatchObject({
      tokens: [...probe.byTokenizedInputs.tokens],
      score: 0,
      finishReason: probe.enums["GenerationFinishReason"]?.["LENGTH"],
      promptTokens: 3,
      generatedTokens: 6,
      tokenTimes: 6,
      evaluated: true,
    });
    expect(probe.byTensor.tokens).toHaveLength(6);
    expect(Buffer.byteLength(CHAIN_TEXT)).toBeGreaterThan(6); // so that no end of sequence comes before
  });

  it("takes a tensor and tokenised inputs, both alternatives of the variant", () => {
    expect(probe.byTokenizedInputs.tokens).toEqual(probe.byTensor.tokens);
    expect(probe.hasTokenTypeIds).toBe(false);
  });

  it("reads each field of a grammar that we set, and refuses a bad one by validate()", () => {
    expect(probe.grammars).toEqual({ schema: "7", regex: "zzz", ebnf: "yy", tag: "<x>", refused: true });
  });

  it("fills the outputs of a batch that we read: tokens, log-probabilities, score, reason", () => {
    const { whole, cancelled, stopped, promptTokens, generatedTokens } = probe.batched;
    const { NONE = -1, LENGTH = -1 } = probe.enums["GenerationFinishReason"] ?? {};
    expect(whole.tokens).toEqual(probe.byTensor.tokens);
    expect(whole.logProbs).toBe(6);
    expect(whole.finishReasons).toEqual([NONE, NONE, NONE, NONE, NONE, LENGTH]);
    // The chain model is nearly certain of each token, so the sum of the log-probabilities is just below 0.
    expect(whole.score).toBeLessThan(0);
    expect(whole.score).toBeGreaterThan(-0.01);
    for (const { tokens, finishReasons } of [cancelled, stopped]) {
      expect(tokens).toEqual(whole.tokens.slice(0, 1));
      expect(finishReasons).toEqual([NONE]);
    }
    expect([promptTokens, generatedTokens]).toEqual([3, 6]);
  });

  it("names the status of a request as we do", () => {
    const { RUNNING, FINISHED, CANCEL, STOP } = probe.enums["GenerationStatus"] ?? {};
    const { statusAtFirst, whole, cancelled, stopped } = probe.batched;
    expect([statusAtFirst, whole.status]).toEqual([RUNNING, FINISHED]);
    expect([cancelled.status, stopped.status]).toEqual([CANCEL, STOP]);
  });

  it("fills the metrics of a step that we read", () => {
    const { metrics } = probe.batched;
    expect(metrics).toMatchObject({ requests: 3, scheduledRequests: 3 });
    for (const name of ["cacheUsage", "maxCacheUsage", "avgCacheUsage"]) {
      expect(metrics[name], name).toBeGreaterThan(0);
      expect(metrics[name], name).toBeLessThanOrEqual(100);
    }
    // Not in Python, so this is what shows that it stands where we read it: the inference is a part of the step.
    expect(metrics["inferenceUs"]).toBeGreaterThan(0);
    expect(metrics["inferenceUs"]).toBeLessThanOrEqual(metrics["stepUs"] ?? 0);
    expect(metrics["cacheSizeInBytes"]).toBeGreaterThan(0);
  });

  it("knows the tokenizer's vocabulary and end of sequence", () => {
    expect(probe).toMatchObject({ vocabulary: 288, eosTokenId: 287 });
  });
});

describe("the layout of GenAI's types", given(oracleNeed(oracle)), () => {
  let measured: Measured;
  beforeAll(async () => {
    measured = (await askOracle(["layout", model])) as Measured;
  });

  it("is the library's, field by field", () => {
    expect(layoutDifferences(probe, measured)).toEqual([]);
  });

  it("is measured for every field of every type that we lay out", () => {
    const laidOut = Object.entries(probe.types).filter(([, { fields }]) => Object.keys(fields).length > 0);
    const opaque = ["ContinuousBatchingPipeline"]; // only its size is measured
    expect([...laidOut.map(([name]) => name), ...opaque].sort()).toEqual(Object.keys(measured.types).sort());
    for (const [name, places] of Object.entries(measured.types).flatMap(([, { fields }]) =>
      Object.entries(fields),
    )) {
      expect(places, name).toHaveLength(1);
    }
  });

  it("is seen to differ when any field moves by a byte, any size by sixteen, any enumerator by one", () => {
    for (const [type, declared] of Object.entries(probe.types)) {
      for (const [name, offset] of Object.entries(declared.fields)) {
        if (NOT_IN_PYTHON.includes(`${type}.${name}`)) continue;
        const fields = { ...declared.fields, [name]: offset + 1 };
        const types = { ...probe.types, [type]: { ...declared, fields } };
        expect(layoutDifferences({ ...probe, types }, measured), `${type}.${name}`).toHaveLength(1);
      }
    }
    for (const [name, values] of Object.entries(probe.enums)) {
      for (const [key, value] of Object.entries(values)) {
        const enums = { ...probe.enums, [name]: { ...values, [key]: value + 1 } };
        expect(layoutDifferences({ ...probe, enums }, measured), `${name}.${key}`).toHaveLength(1);
      }
    }
    const resized = (type: string, size: number): Probe => {
      const declared = probe.types[type] ?? { align: 8, fields: {} };
      return { ...probe, types: { ...probe.types, [type]: { ...declared, size } } };
    };
    for (const type of Object.keys(measured.types)) {
      for (const step of [-16, 16]) {
        const size = Math.max(40, (probe.types[type]?.size ?? 0) + step);
        expect(layoutDifferences(resized(type, size), measured), type).toHaveLength(1);
      }
    }
    for (const [type, room] of Object.entries(measured.opaque)) {
      expect(layoutDifferences(resized(type, room - 1), measured), type).toHaveLength(1);
    }
  });
});

describe("the probe", () => {
  it("covers every type, every member and every enumerator in native/genai", async () => {
    const names = [
      "types",
      "tokenizer",
      "llm_pipeline",
      "scheduler_config",
      "continuous_batching",
      "structured_output",
    ];
    const headers = await Promise.all(
      names.map((name) => readFile(new URL(`../../native/genai/${name}.hpp`, import.meta.url), "utf8")),
    );
    const source = headers.join("\n");

    const types = [
      ...source.matchAll(/^(?:struct|class) (?:OPENVINO_LLM_IMPORTED )?(\w+)(?: final)? \{/gm),
    ].map(([, name = ""]) => name);
    // These have no fields; their functions are called by the probe.
    const called = ["StreamerBase", "GenerationHandleImpl"];
    expect(types.filter((name) => !called.includes(name)).sort()).toEqual(Object.keys(probe.types).sort());

    for (const [type, { fields }] of Object.entries(probe.types)) {
      const body =
        new RegExp(`^(?:struct|class) (?:\\w+ )?${type} \\{\n(.*?)^\\};`, "ms").exec(source)?.[1] ?? "";
      const member = /^ {2}(?! |using |struct )[\w:<>, &]+ (\w+)(?: = [^;]+|\{.*\})?;(?: +\/\/.*)?$/gm;
      const members = [...body.matchAll(member)].map(([, name = ""]) => name);
      // Stores end in brackets and implementation pointers in an underscore: nobody reads those.
      expect(members.filter((name) => !name.endsWith("_")).sort(), type).toEqual(Object.keys(fields).sort());
    }

    for (const [, name = "", body = ""] of source.matchAll(/^enum class (\w+) \{(.*?)\};/gms)) {
      const enumerators = [...body.matchAll(/(\w+) =/g)].map(([, name = ""]) => name);
      expect(Object.keys(probe.enums[name] ?? {}), name).toEqual(enumerators);
    }
  });
});
