import { describe, expect, test } from "vitest";
import { parseHubName } from "../../../../lib/hub/model-name.js";
import type { HubFile } from "../../../../lib/hub/tree.js";
import { fitsOne } from "../../../../lib/models/pull/glob.js";
import { selectFiles, type FilePatterns } from "../../../../lib/models/pull/plan.js";
import { IR_FILES } from "../../../../lib/models/ir/ir-files.js";

function select(
  name: string,
  paths: readonly string[],
  patterns: FilePatterns = {},
  ggufArchitecture: string | null = null,
) {
  const parsed = parseHubName(name);
  if (parsed === null) throw new Error(name);
  const tree = paths.map((path): HubFile => ({ path, sizeBytes: 5, gitSha1: "a".repeat(40), sha256: null }));
  const { kind, files, weights } = selectFiles(parsed, { ggufArchitecture }, tree, patterns);
  return { kind, files: files.map(({ path }) => path), weights: weights.map(({ path }) => path) };
}

const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

describe("what is taken", () => {
  test("of OpenVINO IR: the six files and the data beside them, nothing of other frameworks, of folders or that runs", () => {
    const beside = [
      "config.json",
      "merges.txt",
      "chat_template.jinja",
      "tokenizer.model",
      "LICENSE",
      "README.md",
    ];
    const others = [
      "pytorch_model.bin",
      "model.safetensors",
      "model.safetensors.index.json",
      "a.gguf",
      "x.onnx",
      "a.py",
      "sub/config.json",
      ".gitattributes",
      "pic.png",
    ];
    const { kind, files, weights } = select("a/b", [...IR_FILES, ...beside, ...others]);
    expect(kind).toBe("openvino");
    expect(files).toEqual([...IR_FILES, ...beside].toSorted((a, b) => (a < b ? -1 : 1)));
    expect(weights).toEqual(["openvino_model.bin"]);
  });

  test("of a model without a detokenizer, which gives numbers", () => {
    const files = IR_FILES.filter((name) => !name.includes("detokenizer"));
    expect(select("a/b", files).files).toEqual(files.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  test.each(["a/b-GGUF:Q8_0", "a/b-GGUF:q8_0"])("of %s: one file", (name) => {
    const all = [
      "b-Q4_0.gguf",
      "b-Q8_0.gguf",
      "b-BF16.gguf",
      "mmproj-b-Q8_0.gguf",
      "config.json",
      "README.md",
    ];
    expect(select(name, all)).toEqual({
      kind: "gguf",
      files: ["README.md", "b-Q8_0.gguf"],
      weights: ["b-Q8_0.gguf"],
    });
  });

  test.each(["b.Q8_0.gguf", "Q8_0.gguf", "Q8_0/b-Q8_0.gguf", "b-q8_0.gguf"])(
    "and %s is one of that name",
    (path) => {
      expect(select("a/b:Q8_0", [path, "b-Q4_0.gguf"]).weights).toEqual([path]);
    },
  );

  test("of a repository with one GGUF file: that", () => {
    expect(select("a/b", ["b-Q8_0.gguf", "mmproj-F16.gguf"]).weights).toEqual(["b-Q8_0.gguf"]);
  });
});

describe("what is refused", () => {
  test("several GGUF files of which none is named, with their names", () => {
    expect(() => select("a/b@v1", ["b-Q8_0.gguf", "b-Q4_K_M.gguf"])).toThrow(
      refusal("ERR_MODEL_NOT_FOUND", /several.*a\/b@v1:Q4_K_M, a\/b@v1:Q8_0/),
    );
    expect(() => select("a/b:Q2_K", ["b-Q8_0.gguf"])).toThrow(
      refusal("ERR_MODEL_NOT_FOUND", /Q2_K.*a\/b:Q8_0/),
    );
  });

  test.each<[what: string, paths: string[], message: RegExp]>([
    ["a checkpoint", ["model.safetensors", "config.json"], /safetensors.*models prepare a\/b/],
    ["PyTorch", ["pytorch_model.bin", "config.json"], /PyTorch.*models prepare a\/b/],
    ["ONNX", ["model.onnx"], /ONNX.*models prepare/],
    [
      "IR without a tokenizer",
      ["openvino_model.xml", "openvino_model.bin"],
      /without openvino_tokenizer\.xml.*models prepare a\/b/,
    ],
    ["IR of images", ["openvino_vision_embeddings_model.xml", "openvino_language_model.xml"], /another kind/],
    ["IR in a folder", ["unet/openvino_model.xml"], /another kind/],
    ["GGUF in parts", ["b-Q8_0-00001-of-00002.gguf", "b-Q8_0-00002-of-00002.gguf"], /in parts.*merge/],
    ["nothing", [], /no files/],
  ])("%s, with what to do instead", (_what, paths, message) => {
    expect(() => select("a/b", paths)).toThrow(refusal("ERR_MODEL_LOAD", message));
  });

  test("GGUF of an architecture that GenAI does not build", () => {
    expect(() => select("a/b", ["b-Q8_0.gguf"], {}, "phi3")).toThrow(
      refusal("ERR_MODEL_LOAD", /phi3.*llama, qwen2, qwen3/),
    );
    expect(select("a/b", ["b-Q8_0.gguf"], {}, "qwen3").kind).toBe("gguf");
  });
});

test.each([
  ["*.xml", "a.xml", true],
  ["*.xml", "sub/a.xml", true],
  ["sub/", "sub/a/b", true],
  ["sub", "sub/a", false],
  ["?.bin", "a.bin", true],
  ["?.bin", "ab.bin", false],
  ["[ab].bin", "b.bin", true],
  ["[!ab].bin", "b.bin", false],
  ["[b-a].bin", "b.bin", false],
  ["a+(b).xml", "a+(b).xml", true],
  ["a.xml", "abxml", false],
  ["[", "[", true],
])("the pattern %s fits %s: %s", (pattern, path, fits) => {
  expect(fitsOne(path, [pattern])).toBe(fits);
});
