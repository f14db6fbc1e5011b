import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { ContinuousBatchingPipeline, LLMPipeline } from "../../../../lib/index.js";
import { convertGguf } from "../../../../lib/models/store/convert.js";
import { inspectModel } from "../../../../lib/models/inspect/inspect-model.js";
import { findEnvironment } from "../../lib/prepare/environment.js";
import { prepareModel } from "../../lib/prepare/prepare.js";
import { makeCheckpoint } from "../../lib/synth/checkpoint.js";
import { readGgufTokenizer } from "../../../../lib/models/gguf/gguf-tokenizer.js";
import { convertGgufNative } from "../../../../lib/native/native-convert.js";
import { chainModel, temporaryFolder } from "../../../../test/helpers/chain.js";
import { exporterNeed, given } from "../../../../test/helpers/needs.js";
import { findOracle } from "../../../../test/helpers/oracle.js";
import { tinyGeometry } from "../../../../test/helpers/tiny-geometry.js";

// What Transformers and the exporter make of a random checkpoint. Their environment takes 6.5 GB: nothing here makes it.
const environment = await findEnvironment();
const oracle = await findOracle();

const NAMES = ["phi-4-mini", "gpt-oss-20b", "llama-3.2-1b"] as const;
const TEXTS = [
  "The thing is in the air.",
  "  two  spaces\n\nand 1234567 digits, 3.14",
  "Zürich: ✓🙂 naïve 日本語",
  "<|im_start|>user<|im_sep|>Hi<|im_end|>",
  "def f(x):\n\treturn x**2  # don't",
];

const LOADED = `
import json, sys
from transformers import AutoModelForCausalLM, AutoTokenizer
found = []
for folder in sys.argv[2:]:
    model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
    problems = {name: sorted(map(str, value)) for name, value in info.items() if value}
    found.append([sum(p.numel() for p in model.parameters()), problems])
ids = [AutoTokenizer.from_pretrained(sys.argv[2]).encode(text, add_special_tokens=False) for text in json.load(open(sys.argv[1]))]
print(json.dumps([found, ids]))`;

const ENCODED = `
import json, sys, openvino_genai
tokenizer = openvino_genai.Tokenizer(sys.argv[2])
rows = [tokenizer.encode(text, add_special_tokens=False).input_ids.data[0] for text in json.load(open(sys.argv[1]))]
print(json.dumps([[int(token) for token in row] for row in rows]))`;

async function checkpoint(name: (typeof NAMES)[number]): Promise<string> {
  vi.stubEnv("OPENVINO_LLM_CACHE", temporaryFolder());
  const tokenizer = async () => readGgufTokenizer(await chainModel());
  const { dir } = await makeCheckpoint({ geometry: tinyGeometry(name), layers: 2, seed: 0 }, { tokenizer });
  vi.unstubAllEnvs();
  return dir;
}

async function texts(): Promise<string> {
  const path = join(temporaryFolder(), "texts.json");
  await writeFile(path, JSON.stringify(TEXTS));
  return path;
}

describe("a random checkpoint", given(exporterNeed(environment)), () => {
  test("has each tensor that Transformers looks for and no other, and GenAI's tokens for every text", async () => {
    const dirs = await Promise.all(NAMES.map(checkpoint));
    const list = await texts();
    const { stdout } = await promisify(execFile)(environment?.python ?? "", ["-c", LOADED, list, ...dirs]);
    const [found, ids] = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as [
      [number, object][],
      number[][],
    ];
    const counts = await Promise.all(dirs.map(async (dir) => (await inspectModel(dir)).parameters));
    expect(found).toEqual(counts.map((count) => [count, {}]));
    if ("reason" in oracle) return;
    const chain = await convertGguf(await chainModel(), convertGgufNative);
    expect(ids).toEqual(JSON.parse(await oracle.run(ENCODED, [list, chain])));
  });

  test("becomes a model that says it is random and generates in both pipelines", async () => {
    const { dir, manifest } = await prepareModel(await checkpoint("gpt-oss-20b"), {
      weightFormat: "int8",
      out: join(temporaryFolder(), "model"),
    });
    expect(manifest).toMatchObject({ weights: "random", layersShare: 0.5, architecture: "gpt_oss" });
    expect(await inspectModel(dir)).toMatchObject({
      precision: "INT8",
      geometry: { layers: 2, kvHeads: 2, headSize: 32 },
      mixture: { experts: 4 },
      quantization: [{ elementType: "u8", groupSize: null, isSymmetric: false }],
      randomWeights: { layersShare: 0.5 },
    });
    const answers: number[][] = [];
    for (const Pipeline of [LLMPipeline, ContinuousBatchingPipeline]) {
      const llm = await Pipeline.load(dir);
      try {
        const { tokenIds } = await llm.generate("the air", { maxNewTokens: 8, ignoreEos: true });
        answers.push([...tokenIds]);
      } finally {
        await llm.close();
      }
    }
    expect(answers[0]).toHaveLength(8);
    expect(answers[1]).toHaveLength(8);
  }, 300_000);
});
