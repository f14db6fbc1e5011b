import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, LLMPipeline, type AdapterOption } from "../../lib/index.js";
import { ALPHABET, chainModel, temporaryFolder } from "../helpers/chain.js";
import { runNode } from "../helpers/run-node.js";
import { encodeSafetensors, jumpAdapter, loraPair, memoryAdapter, written } from "../helpers/safetensors.js";

/** After `c` comes `x`, after `b` comes `k`, after `l` comes `q`: of different ranks and types. */
const JUMPS = [
  { from: "c", to: "x", rank: 1, dtype: "F32" },
  { from: "b", to: "k", rank: 4, dtype: "F16" },
  { from: "l", to: "q", rank: 2, dtype: "BF16" },
] as const;

const TOKENS = 12;
const RAW = { applyChatTemplate: false, maxNewTokens: TOKENS };

let folder: string;
let model: string;
let paths: string[];
/** With all of {@link JUMPS} at their full strength. */
let llm: LLMPipeline;

beforeAll(async () => {
  folder = temporaryFolder();
  model = await chainModel({ text: ALPHABET, loop: true });
  paths = JUMPS.map(({ from, to, ...options }) =>
    written(join(folder, `${from}.safetensors`), jumpAdapter(from, to, options)),
  );
  llm = await LLMPipeline.load(model, { adapters: paths.map((path) => ({ path })) });
});

afterAll(() => llm.close());

/** What the model says after a letter when some of {@link JUMPS} hold. */
function answer(after: string, active: readonly boolean[], tokens = TOKENS): string {
  let text = "";
  for (let last = after; text.length < tokens; text += last) {
    const jump = JUMPS.find(({ from }, index) => active[index] === true && from === last);
    last = jump?.to ?? ALPHABET[(ALPHABET.indexOf(last) + 1) % ALPHABET.length] ?? "";
  }
  return text;
}

const textOf = async (adapters?: readonly AdapterOption[], pipeline = llm): Promise<string> =>
  (await pipeline.generate("a", { ...RAW, adapters })).text;

/** The same random numbers in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("adapters of an LLMPipeline", () => {
  it("hold as loaded where a call says nothing, and are listed by the model", async () => {
    expect(await textOf()).toBe(answer("a", [true, true, true]));
    expect(llm.model.adapters).toEqual(paths.map((path) => ({ path, alpha: 1 })));
  });

  it("are chosen by a call, and none by an empty list", async () => {
    const [c = "", b = ""] = paths;
    expect(await textOf([])).toBe(answer("a", []));
    expect(await textOf([{ path: c }])).toBe(answer("a", [true]));
    expect(await textOf([{ path: b }])).toBe(answer("a", [false, true]));
    expect(await textOf([{ path: b }, { path: c }])).toBe(answer("a", [true, true]));
    expect(await textOf()).toBe(answer("a", [true, true, true]));
  });

  it("have the alpha of the call: 0 and a small one leave the plain text, a larger one changes it", async () => {
    const [path = ""] = paths;
    const texts = [];
    for (const alpha of [0, 0.3, 0.4, 7, -1]) texts.push(await textOf([{ path, alpha }]));
    const [plain, jumped] = [answer("a", []), answer("a", [true])];
    expect(texts).toEqual([plain, plain, jumped, jumped, plain]);
  });

  it("change from call to call as given, in any order", async () => {
    const random = randomNumbers(11);
    const wanted: string[] = [];
    const found: string[] = [];
    for (let call = 0; call < 60; call++) {
      const active = JUMPS.map(() => random() < 0.5);
      const chosen = paths.flatMap((path, index) =>
        active[index] === true ? [{ path, alpha: random() < 0.5 ? 1 : 2 }] : [],
      );
      wanted.push(answer("a", active));
      found.push(await textOf(random() < 0.5 ? chosen : chosen.toReversed()));
    }
    expect(found).toEqual(wanted);
  });

  it("are each caller's own among calls at once, streamed or not", async () => {
    const calls = Array.from({ length: 12 }, (_, call) =>
      JUMPS.map((_, index) => ((call >> index) & 1) === 1),
    );
    const texts = await Promise.all(
      calls.map((active, call) => {
        const adapters = paths.filter((_, index) => active[index] === true).map((path) => ({ path }));
        const options = { ...RAW, adapters };
        return call % 2 === 0 ? llm.generate("a", options) : llm.stream("a", options).result;
      }),
    );
    expect(texts.map(({ text }) => text)).toEqual(calls.map((active) => answer("a", active)));
  });

  it("are kept apart in the key-value cache: what a prompt left there belongs to its call alone", async () => {
    const path = written(join(folder, "memory.safetensors"), memoryAdapter("#", "m"));
    const remembering = await LLMPipeline.load(model, { adapters: [{ path }] });
    try {
      const prompt = `#${":".repeat(200)}a`;
      const texts = [];
      for (const alpha of [0, 1, 0, 1, 1, 0]) {
        const { text } = await remembering.generate(prompt, {
          ...RAW,
          maxNewTokens: 3,
          adapters: [{ path, alpha }],
        });
        texts.push(text);
      }
      expect(texts).toEqual(["bcd", "nnn", "bcd", "nnn", "nnn", "bcd"]);
    } finally {
      await remembering.close();
    }
  });

  it("may lose their files once they are loaded", async () => {
    const path = written(join(folder, "gone.safetensors"), jumpAdapter("c", "x"));
    const pipeline = await LLMPipeline.load(model, { adapters: [{ path, alpha: 0 }] });
    try {
      writeFileSync(path, "");
      rmSync(path);
      expect(await textOf([{ path, alpha: 1 }], pipeline)).toBe(answer("a", [true]));
      expect(await textOf(undefined, pipeline)).toBe(answer("a", []));
    } finally {
      await pipeline.close();
    }
  });

  it("may be a folder of PEFT, which says the alpha that it was trained with", async () => {
    const path = join(folder, "peft");
    mkdirSync(path);
    written(join(path, "adapter_model.safetensors"), jumpAdapter("c", "x"));
    // 1 / 4 is too little for the jump.
    writeFileSync(
      join(path, "adapter_config.json"),
      JSON.stringify({ peft_type: "LORA", r: 4, lora_alpha: 1 }),
    );
    const pipeline = await LLMPipeline.load(model, { adapters: [{ path }] });
    try {
      expect(pipeline.model.adapters).toEqual([{ path, alpha: 0.25 }]);
      expect(await textOf(undefined, pipeline)).toBe(answer("a", []));
      expect(await textOf([{ path, alpha: 0.5 }], pipeline)).toBe(answer("a", [true]));
    } finally {
      await pipeline.close();
    }
  });

  it("are refused in a call when they were not loaded, which names those that were; later calls go on", async () => {
    const path = join(folder, "other.safetensors");
    await expect(textOf([{ path }])).rejects.toBeInstanceOf(RangeError);
    await expect(textOf([{ path }])).rejects.toThrow(paths.join(", "));
    expect(() => llm.stream("a", { adapters: [{ path }] })).toThrow(RangeError);
    const plain = await LLMPipeline.load(model);
    try {
      await expect(textOf([{ path }], plain)).rejects.toThrow("load() was given (none)");
      expect(await textOf([], plain)).toBe(answer("a", []));
    } finally {
      await plain.close();
    }
    expect(await textOf([])).toBe(answer("a", []));
  });
});

describe("adapters of a ContinuousBatchingPipeline", () => {
  it("hold for all requests at once, with the alphas of the load", async () => {
    const [c = "", b = "", l = ""] = paths;
    const adapters = [{ path: c }, { path: b, alpha: 0.3 }, { path: l, alpha: 2 }];
    const batching = await ContinuousBatchingPipeline.load(model, { adapters });
    try {
      const letters = [...ALPHABET];
      const results = await Promise.all(letters.map((letter) => batching.generate(letter, RAW)));
      expect(results.map(({ text }) => text)).toEqual(
        letters.map((letter) => answer(letter, [true, false, true])),
      );
      expect(batching.model.adapters.map(({ alpha }) => alpha)).toEqual([1, 0.3, 2]);
    } finally {
      await batching.close();
    }
  });

  it("are refused in a call, which GenAI would ignore", async () => {
    const [path = ""] = paths;
    const batching = await ContinuousBatchingPipeline.load(model, { adapters: [{ path }] });
    try {
      for (const adapters of [[], [{ path }], [{ path, alpha: 0 }]]) {
        await expect(batching.generate("a", { adapters })).rejects.toBeInstanceOf(TypeError);
        expect(() => batching.stream("a", { adapters })).toThrow("load() fixes them there");
      }
      expect(await textOf(undefined, batching as unknown as LLMPipeline)).toBe(answer("a", [true]));
    } finally {
      await batching.close();
    }
  });
});

/** Prints what each pipeline with a draft model says, as JSON. Arguments: library, model, draft, adapter. */
const WITH_DRAFT = `
const [library, model, draftModel, path] = process.argv.slice(1);
const { ContinuousBatchingPipeline, LLMPipeline } = await import(library);
const texts = [];
for (const Pipeline of [LLMPipeline, ContinuousBatchingPipeline]) {
  const pipeline = await Pipeline.load(model, { draftModel, adapters: [{ path }] });
  const options = { applyChatTemplate: false, maxNewTokens: ${TOKENS} };
  texts.push((await pipeline.generate("a", options)).text);
  if (Pipeline === LLMPipeline) texts.push((await pipeline.generate("a", { ...options, adapters: [] })).text);
  await pipeline.close();
}
console.log(JSON.stringify(texts));
`;

describe("adapters beside speculative decoding", () => {
  it("do not reach the draft model, of which GenAI would complain on the console", async () => {
    const draft = await chainModel({ text: [...ALPHABET].toReversed().join(""), loop: true });
    const library = fileURLToPath(new URL("../../dist/index.js", import.meta.url));
    const [path = ""] = paths;
    const ended = await runNode(["--input-type=module", "-e", WITH_DRAFT, library, model, draft, path]);
    expect({ stderr: ended.stderr, code: ended.code }).toEqual({ stderr: "", code: 0 });
    const [plain, jumped] = [answer("a", []), answer("a", [true])];
    expect(JSON.parse(ended.stdout)).toEqual([jumped, plain, jumped]);
  });

  it("change from call to call with prompt lookup too", async () => {
    const [path = ""] = paths;
    const pipeline = await LLMPipeline.load(model, { promptLookup: true, adapters: [{ path }] });
    try {
      const texts = [];
      for (const alpha of [1, 0, 1, 1, 0]) texts.push(await textOf([{ path, alpha }], pipeline));
      const [plain, jumped] = [answer("a", []), answer("a", [true])];
      expect(texts).toEqual([jumped, plain, jumped, jumped, plain]);
    } finally {
      await pipeline.close();
    }
  });
});

describe("a load with adapters", () => {
  const q = "model.layers.0.self_attn.q_proj";
  const A = { rows: 2, columns: 288 };
  const B = { rows: 32, columns: 2 };

  it.each<[string, Buffer, string]>([
    [
      "for layers that the model does not have",
      encodeSafetensors(loraPair("model.layers.1.mlp.up_proj", A, B)),
      "no layers for",
    ],
    ["of other sizes", encodeSafetensors(loraPair(q, A, { ...B, rows: 64 })), "288 inputs and 64 outputs"],
    [
      "with half a pair",
      encodeSafetensors({ [`base_model.model.${q}.lora_A.weight`]: A }),
      "has lora_A but not lora_B",
    ],
    ["that is no safetensors file", Buffer.from("PK\x03\x04\x14\0\x08\x08"), "Expected a safetensors file"],
  ])("%s fails before anything is loaded, on both pipelines", async (name, bytes, message) => {
    const path = written(join(folder, `${name}.safetensors`), bytes);
    for (const pipeline of [LLMPipeline, ContinuousBatchingPipeline]) {
      const load = pipeline.load(model, { adapters: [{ path }] });
      await expect(load).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
      await expect(load).rejects.toThrow(path);
      await expect(load).rejects.toThrow(message);
    }
  });

  it("fails for wrong options by the name of the option", async () => {
    const adapters = [{ path: "/a", alpha: NaN }];
    await expect(LLMPipeline.load(model, { adapters })).rejects.toThrow("options.adapters[0].alpha");
    await expect(ContinuousBatchingPipeline.load(model, { adapters })).rejects.toBeInstanceOf(RangeError);
  });
});

it("the names that a converted model's layers get are those of their weights", () => {
  const xml = readFileSync(join(llm.model.path, "openvino_model.xml"), "latin1");
  // GenAI keeps the names of weights in F16, as `model.layers[0].mlp.up_proj.weight`, converts them and multiplies.
  const weights = [...xml.matchAll(/name="(\S+)\.weight" type="Const"/g)].map(([, name = ""]) => name);
  const matrices = [...xml.matchAll(/name="(\S+)" type="MatMul"/g)].map(([, name = ""]) => name);
  const named = matrices.filter((name) => !/^MatMul_\d+$/.test(name));
  expect(named).toHaveLength(8);
  expect(named).toEqual(
    weights.map((name) => name.replace(/\[(\d+)\]/, ".$1")).filter((name) => name !== "model.embed_tokens"),
  );
});
