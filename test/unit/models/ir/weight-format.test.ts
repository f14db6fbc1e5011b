import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readWeightFormat, weightFormatText } from "../../../../lib/models/ir/weight-format.js";
import { temporaryFolder } from "../../../helpers/chain.js";

const constant = (type: string, shape: string): string =>
  `<layer id="1" name="w" type="Const" version="opset1">\n<data element_type="${type}" shape="${shape}" ` +
  `offset="0" size="64" />\n<output><port id="0" precision="X"><dim>1</dim></port></output></layer>\n`;

async function formatOf(...layers: string[]): Promise<string> {
  const file = join(temporaryFolder(), "openvino_model.xml");
  await writeFile(
    file,
    `<?xml version="1.0"?>\n<net name="m" version="11"><layers>\n${layers.join("")}</layers></net>\n`,
  );
  return weightFormatText(await readWeightFormat(file));
}

describe("how most weights are stored", () => {
  it.each([
    [
      "int4 in groups of 32, asymmetric",
      [
        ["u4", "576, 18, 32"],
        ["u4", "576, 18, 1"],
        ["f16", "576, 18, 1"],
      ],
    ],
    [
      "int4 in groups of 128, symmetric",
      [
        ["i4", "2048, 16, 128"],
        ["f16", "2048, 16, 1"],
      ],
    ],
    [
      "int4 by rows, symmetric",
      [
        ["i4", "2048, 2048"],
        ["f16", "2048, 1"],
      ],
    ],
    [
      "int8 by rows, asymmetric",
      [
        ["u8", "2048, 2048"],
        ["u8", "2048, 1"],
        ["f16", "2048, 1"],
      ],
    ],
    [
      "int8 by rows, symmetric",
      [
        ["i8", "2048, 2048"],
        ["f16", "2048, 1"],
      ],
    ],
    ["int8 by rows, symmetric", [["i8", "8, 512, 2880"]]],
    ["int4 in groups of 64, symmetric", [["i4", "8, 512, 45, 64"]]],
    ["f16", [["f16", "2048, 2048"]]],
    ["bf16", [["bf16", "8, 512, 64"]]],
    ["other", [["nf4", "2048, 16, 64"]]],
    [
      "none",
      [
        ["i64", "2, 2"],
        ["f32", "1, 1, 576"],
        ["f32", ""],
      ],
    ],
  ])("%s", async (text, constants) => {
    expect(await formatOf(...constants.map(([type = "", shape = ""]) => constant(type, shape)))).toBe(text);
  });

  it("goes by the number of weights", async () => {
    const embedding = constant("i8", "1000, 64");
    const layer = constant("i4", "1000, 1, 128");
    expect(await formatOf(embedding, layer)).toBe("int4 in groups of 128, symmetric");
    expect(await formatOf(embedding, embedding, embedding, layer)).toBe("int8 by rows, symmetric");
  });

  it("names the least group of those that are not few", async () => {
    const file = join(temporaryFolder(), "openvino_model.xml");
    const write = (...layers: string[]) => writeFile(file, layers.join(""));
    const layers = constant("i4", "1000, 1, 128");
    await write(layers, constant("i8", "1000, 32"));
    expect(await readWeightFormat(file)).toMatchObject({ groupSize: 128, leastGroupSize: 128 });
    await write(layers, constant("i8", "40, 2, 32"));
    expect(await readWeightFormat(file)).toMatchObject({ groupSize: 128, leastGroupSize: 32 });
    await write(layers, constant("i8", "10, 2, 32"));
    expect(await readWeightFormat(file)).toMatchObject({ groupSize: 128, leastGroupSize: 128 });
    await write(constant("i8", "1000, 128"));
    expect(await readWeightFormat(file)).toMatchObject({ groupSize: null, leastGroupSize: null });
  });

  it("knows that activations are quantised too", async () => {
    const quantize = '<layer id="2" name="q" type="FakeQuantize" version="opset1"></layer>';
    expect(await formatOf(quantize, constant("i8", "2048, 2048"))).toBe("static int8");
  });

  it("counts what is cut by a chunk once", async () => {
    const filler = `<!--${" ".repeat((1 << 20) - 400)}-->`;
    for (let shift = 0; shift < 260; shift += 13) {
      const layers = [filler, " ".repeat(shift), constant("i4", "100, 1, 128"), constant("i8", "101, 128")];
      expect(await formatOf(...layers)).toBe("int8 by rows, symmetric");
    }
  });

  it("reports a file that cannot be read", async () => {
    await expect(readWeightFormat(join(temporaryFolder(), "none.xml"))).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
    });
  });
});
