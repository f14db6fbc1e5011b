import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  precisionOf,
  readModelFacts,
  readSpecialIds,
  runtimeOptionsOf,
  weightBytesOf,
} from "../../../lib/targets/model-facts.js";

const root = mkdtempSync(join(tmpdir(), "openvino-llm-test-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function folder(files: Readonly<Record<string, unknown>>): string {
  const dir = mkdtempSync(join(root, "t-"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return dir;
}

const IR = `<net><layers>
<layer id="0" name="w" type="Const"><data element_type="u4" shape="576, 9, 64" offset="0" size="165888" /></layer>
<layer id="1" name="z" type="Const"><data element_type="u4" shape="576, 9, 1" offset="165888" size="2592" /></layer>
<layer id="2" name="s" type="Const"><data element_type="f16" shape="576, 9, 1" offset="168480" size="10368" /></layer>
<layer id="3" name="a" type="Const"><data element_type="i64" shape="4" offset="178848" size="32" /></layer>
<layer id="4" name="p" type="Parameter"><data shape="?,?" element_type="i64" /></layer>
</layers><rt_info><runtime_options>
<ACTIVATIONS_SCALE_FACTOR value="8" />
<KV_CACHE_PRECISION value="f16" />
</runtime_options></rt_info></net>`;

describe("what is known by an IR", () => {
  it("is the bytes of its constants by type, and its precision by the number of weights", () => {
    expect(weightBytesOf(IR)).toEqual({ u4: 168480, f16: 10368, i64: 32 });
    expect(precisionOf(weightBytesOf(IR))).toBe("INT4");
    expect(precisionOf({ i8: 1000, u4: 600 })).toBe("INT4");
    expect(precisionOf({ i8: 1000, u4: 400 })).toBe("INT8");
    expect(precisionOf({ i64: 1000, f16: 10 })).toBe("FP16");
    expect(precisionOf({ i64: 1000 })).toBeNull();
  });

  it("is what it asks of the runtime", () => {
    expect(runtimeOptionsOf(IR)).toEqual({ ACTIVATIONS_SCALE_FACTOR: "8", KV_CACHE_PRECISION: "f16" });
    expect(runtimeOptionsOf("<net></net>")).toEqual({});
  });
});

describe("readModelFacts", () => {
  it("reads precision, kind and manifest", async () => {
    const manifest = { name: "a", architecture: "llama", quality: { perplexity: 9 } };
    const dir = folder({ "openvino_model.xml": IR, "manifest.json": manifest });
    expect(await readModelFacts(dir)).toMatchObject({ path: dir, precision: "INT4", isMoe: false, manifest });
  });

  it.each([
    [{ "config.json": { num_local_experts: 32 } }, true],
    [{ "config.json": { text_config: { num_experts: 8 } } }, true],
    [{ "config.json": { num_local_experts: 1 } }, false],
    [{ "config.json": { hidden_size: 64 } }, false],
    [{ "manifest.json": { architecture: "qwen3moe" } }, true],
    [{}, null],
  ])("of %j says that it is a mixture of experts: %s", async (files, isMoe) => {
    expect((await readModelFacts(folder(files))).isMoe).toBe(isMoe);
  });

  it("knows nothing of what cannot be read", async () => {
    const facts = await readModelFacts(folder({ "config.json": "{", "manifest.json": "[1]" }));
    expect(facts).toMatchObject({ precision: null, weightBytes: {}, isMoe: null, manifest: null });
  });
});

describe("readSpecialIds", () => {
  it("gathers them from every file that names some", async () => {
    const dir = folder({
      "tokenizer.json": {
        added_tokens: [
          { id: 3, special: true },
          { id: 4, special: false },
        ],
      },
      "tokenizer_config.json": { added_tokens_decoder: { "5": { special: true }, "6": { special: false } } },
      "generation_config.json": { eos_token_id: [7, 8], bos_token_id: 1 },
      "config.json": { pad_token_id: 9, eos_token_id: 7 },
      "openvino_tokenizer.xml": '<rt_info><eos_token_id value="2" /><pad_token_id value="11" /></rt_info>',
    });
    expect(await readSpecialIds(dir)).toEqual([1, 2, 3, 5, 7, 8, 9, 11]);
  });

  it("takes a converted model's from its manifest, and none where no file names one", async () => {
    expect(await readSpecialIds(folder({ "manifest.json": { bosTokenId: 1, eosTokenId: 2 } }))).toEqual([
      1, 2,
    ]);
    expect(await readSpecialIds(folder({}))).toEqual([]);
  });
});
