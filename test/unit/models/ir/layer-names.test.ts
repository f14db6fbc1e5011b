import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nameLayers, withLayerNames } from "../../../../lib/models/ir/layer-names.js";
import { writeManifest } from "../../../../lib/models/files/manifest.js";
import { given, needs } from "../../../helpers/needs.js";

const matMul = (id: number, name: string, transposed = true): string =>
  `\t\t<layer id="${id}" name="${name}" type="MatMul" version="opset1">\n` +
  `\t\t\t<data transpose_a="false" transpose_b="${transposed}" />\n\t\t</layer>\n`;
const layerEnd = (id: number, layer: number): string =>
  `\t\t<layer id="${id}" name="model.layers.self_attn.add1.layer${layer}" type="Add" version="opset1">\n\t\t</layer>\n`;

/** Two layers and an output matrix. The numbers count the making, the places in the file are those of OpenVINO. */
const XML =
  '<net name="Model0" version="11">\n' +
  [130, 120, 110, 140, 150, 160, 170].map((number, i) => matMul(i, `MatMul_${number}`)).join("") +
  matMul(7, "MatMul_115", false) +
  layerEnd(8, 0) +
  [1130, 1120, 1110, 1140, 1150, 1160, 1170].map((number, i) => matMul(10 + i, `MatMul_${number}`)).join("") +
  layerEnd(18, 1) +
  matMul(20, "MatMul_2000") +
  "</net>\n";

const namesIn = (xml: string | null): string[] =>
  [...(xml ?? "").matchAll(/name="([^"]*)" type="MatMul"/g)].map(([, name = ""]) => name);

const layer = (index: number): string[] =>
  [
    "self_attn.v_proj",
    "self_attn.k_proj",
    "self_attn.q_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
  ]
    .concat("mlp.down_proj")
    .map((module) => `model.layers.${index}.${module}`);

describe("the matrices of a model from GGUF", () => {
  test("are named by the order in which GenAI made them; nothing else changes", () => {
    const named = withLayerNames(XML);
    expect(namesIn(named)).toEqual([...layer(0), "MatMul_115", ...layer(1), "lm_head"]);
    let [before, after] = [XML, named ?? ""];
    for (const name of namesIn(named))
      after = after.replace(`name="${name}" type="MatMul"`, 'name="" type="MatMul"');
    for (const name of namesIn(XML))
      before = before.replace(`name="${name}" type="MatMul"`, 'name="" type="MatMul"');
    expect(after).toBe(before);
  });

  test("are left alone once they have names", () => {
    expect(withLayerNames(withLayerNames(XML) ?? "")).toBeNull();
  });

  test.each([
    ["with a matrix more", XML.replace("</net>", `${matMul(30, "MatMul_3000")}</net>`)],
    ["with a matrix less", XML.replace("MatMul_2000", "logits")],
    ["without GenAI's names for the ends of layers", XML.replaceAll("add1", "add9")],
    ["that is empty", ""],
  ])("are left alone in an IR %s", (_, xml) => {
    expect(withLayerNames(xml)).toBeNull();
  });
});

describe("a model's folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "openvino-llm-names-"));
    await writeFile(join(folder, "openvino_model.xml"), XML);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const addManifest = (): Promise<void> =>
    writeManifest(folder, {
      name: "m",
      source: { file: "m.gguf", sha256: "0", sizeBytes: 1 },
      architecture: "llama",
      contextLength: 1,
      vocabSize: 1,
      bosTokenId: null,
      eosTokenId: null,
      tools: {},
      created: "",
    });
  const xml = (): Promise<string> => readFile(join(folder, "openvino_model.xml"), "latin1");

  test("that this library made gets its names once", async () => {
    await addManifest();
    await nameLayers(folder);
    expect(await xml()).toBe(withLayerNames(XML));
    const { mtimeMs, ino } = await stat(join(folder, "openvino_model.xml"));
    await nameLayers(folder);
    expect(await stat(join(folder, "openvino_model.xml"))).toMatchObject({ mtimeMs, ino });
    expect((await readdir(folder)).sort()).toEqual(["manifest.json", "openvino_model.xml"]);
  });

  test("that somebody else made is left alone", async () => {
    await nameLayers(folder);
    expect(await xml()).toBe(XML);
  });

  test("may be named by several at once", async () => {
    await addManifest();
    await Promise.all([nameLayers(folder), nameLayers(folder), nameLayers(folder)]);
    expect(await xml()).toBe(withLayerNames(XML));
  });

  test("that cannot be written to is an error that says what to do", given(needs.notRoot), async () => {
    await addManifest();
    await chmod(folder, 0o500);
    await expect(nameLayers(folder)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
    await expect(nameLayers(folder)).rejects.toThrow("Make the folder writable");
    await chmod(folder, 0o700);
  });
});
