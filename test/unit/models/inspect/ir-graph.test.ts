import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { readIrGraph } from "../../../../lib/models/inspect/ir-graph.js";
import { scanTags, utf8 } from "../../../../lib/models/inspect/ir-tags.js";
import { attributesOf } from "../../../../lib/models/files/xml-tags.js";
import { IrText, irFile } from "../../../helpers/ir-files.js";

async function tagsOf(text: string): Promise<[string, string][]> {
  const tags: [string, string][] = [];
  await scanTags(irFile(text), (tag, after) => tags.push([tag, after]));
  return tags;
}

test("tags come with the text behind them; comments do not", async () => {
  expect(await tagsOf("<a><!-- <b> --><dim>-1</dim></a>")).toEqual([
    ["<a>", ""],
    ["<dim>", "-1"],
    ["</dim>", ""],
    ["</a>", ""],
  ]);
});

test("a tag ends at a > outside quotes, wherever the file is cut into pieces", async () => {
  const value = `'x > y' ${"long ".repeat(120_000)}`;
  const tags = await tagsOf(`<a v="${value}"/><b/>`);
  expect(tags.map(([tag]) => attributesOf(tag).get("v")?.length)).toEqual([value.length, undefined]);
});

test("no piece of a large file is lost or comes twice", async () => {
  const count = 60_000;
  const tags = await tagsOf(Array.from({ length: count }, (_, i) => `<dim a="${i}">${i}</dim>`).join("\n"));
  expect(tags.filter(([tag]) => tag !== "</dim>").map(([, text]) => Number(text))).toEqual(
    Array.from({ length: count }, (_, i) => i),
  );
});

test("a tag without an end is refused when it grows beyond all reason", async () => {
  await expect(tagsOf(`<a v="${"x".repeat(5 * 1024 * 1024)}`)).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
  });
});

test("attribute values become text: entities and UTF-8", () => {
  const tag = Buffer.from("<a v=\"&lt;b&gt; &amp;amp; &#10;&#x42; Zürich &nope;\" w='1'>").toString("latin1");
  const attributes = attributesOf(tag);
  expect(utf8(attributes.get("v") ?? "")).toBe("<b> &amp; \nB Zürich &nope;");
  expect(attributes.get("w")).toBe("1");
});

test("operations, edges, shapes and constants are read", async () => {
  const ir = new IrText();
  const weight = ir.constant("f16", [4, 8], 16);
  const input = ir.operation("Parameter", [], [-1, 8], 'shape="?,8" element_type="f32"');
  ir.operation("MatMul", [input, weight], [-1, 4]);
  const { main } = await readIrGraph(irFile(ir.text()));
  expect([...main.values()].map(({ type }) => type)).toEqual(["Const", "Parameter", "MatMul"]);
  expect(main.get("0")?.constant).toEqual({
    elementType: "f16",
    shape: [4, 8],
    offsetBytes: 0,
    sizeBytes: 64,
  });
  expect(main.get("1")?.elementType).toBe("f32");
  expect(main.get("2")).toMatchObject({
    inputShapes: [
      [-1, 8],
      [4, 8],
    ],
    outputs: [{ shape: [-1, 4], names: [] }],
  });
  expect(main.get("2")?.inputs.get(1)).toEqual({ operation: "0", port: 9 });
});

test("bodies inside an operation are kept apart, with numbers of their own and without the edges of loops", async () => {
  const body = new IrText();
  body.operation("Relu", [body.constant("f32", [2], 32)], [2]);
  const ir = new IrText();
  const back = '<back_edges><edge from-layer="1" to-layer="0" /></back_edges>';
  ir.operation("TensorIterator", [ir.constant("f32", [2], 32)], [2], "", `${back}${body.body()}`);
  const { main, bodies } = await readIrGraph(irFile(ir.text()));
  expect([...main.values()].map(({ type }) => type)).toEqual(["Const", "TensorIterator"]);
  expect(bodies.map((one) => [...one.values()].map(({ type }) => type))).toEqual([["Const", "Relu"]]);
  expect(main.get("0")?.inputs.size).toBe(0);
});

test("what stands under rt_info is read by its path", async () => {
  const info =
    '<info name="OpenVINO Runtime" value="2026.4" /><runtime_options><KV_CACHE_PRECISION value="u8" /></runtime_options>' +
    '<nncf><weight_compression><group_size value="64" /></weight_compression></nncf><end value="1" />';
  const { info: read } = await readIrGraph(irFile(new IrText().text(info)));
  expect(Object.fromEntries(read)).toEqual({
    "OpenVINO Runtime": "2026.4",
    "runtime_options/KV_CACHE_PRECISION": "u8",
    "nncf/weight_compression/group_size": "64",
    end: "1",
  });
});

test("of a file that is cut off, what is there is read", async () => {
  const ir = new IrText();
  ir.operation("Relu", [ir.constant("f32", [2], 32)], [2]);
  const text = ir.text();
  const { main } = await readIrGraph(irFile(text.slice(0, text.indexOf("</layers>"))));
  expect([...main.values()].map(({ type }) => type)).toEqual(["Const", "Relu"]);
});

test("a file that is no XML has no operations; one that is not there is an error", async () => {
  expect((await readIrGraph(irFile("no XML at all"))).main.size).toBe(0);
  const path = irFile("");
  await rm(dirname(path), { recursive: true });
  await expect(readIrGraph(path)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
});
