import fc from "fast-check";
import { expect, test } from "vitest";
import { graphFacts, graphSizes } from "../../../../lib/models/inspect/ir-facts.js";
import { readIrGraph } from "../../../../lib/models/inspect/ir-graph.js";
import { tensorsOf } from "../../../../lib/models/inspect/ir-weights.js";
import {
  activeParameterCount,
  censusOf,
  mainPrecision,
  parameterCount,
  quantizationOf,
  type StoredTensor,
} from "../../../../lib/models/inspect/weights.js";
import { IrText, irFile } from "../../../helpers/ir-files.js";

async function tensors(ir: IrText, experts: number | null = null): Promise<StoredTensor[]> {
  return tensorsOf(await readIrGraph(irFile(ir.text())), experts);
}

test("groups with zero points: weights, scales and zero points are distinguished, and the group size is found", async () => {
  const ir = new IrText();
  const [weights, zeros] = [ir.constant("u4", [8, 2, 64], 4), ir.constant("u4", [8, 2, 1], 4)];
  const scales = ir.constant("f16", [8, 2, 1], 16);
  ir.operation("MatMul", ["0 1,128", ir.decompressed(weights, zeros, scales, [8, 128])], [-1, 8]);
  const found = await tensors(ir);
  expect(
    censusOf(found).map(({ role, elementType, elements, sizeBytes }) => [
      role,
      elementType,
      elements,
      sizeBytes,
    ]),
  ).toEqual([
    ["weight", "u4", 1024, 512],
    ["scale", "f16", 16, 32],
    ["zeroPoint", "u4", 16, 8],
  ]);
  expect(quantizationOf(found)).toMatchObject([
    { precision: "INT4", groupSize: 64, isSymmetric: false, scaleType: "f16", parameters: 1024, share: 1 },
  ]);
});

test("symmetric weights with a scale for each row have no group size, experts in a third dimension neither", async () => {
  const ir = new IrText();
  const dense = ir.decompressed(ir.constant("i8", [8, 64], 8), null, ir.constant("f16", [8, 1], 16), null);
  ir.operation("MatMul", ["0 1,64", dense], [-1, 8]);
  const experts = ir.decompressed(
    ir.constant("i8", [4, 8, 64], 8),
    null,
    ir.constant("f16", [4, 8, 1], 16),
    null,
  );
  ir.operation("MatMul", ["0 1,64", experts], [4, -1, 8]);
  const found = await tensors(ir, 4);
  expect(quantizationOf(found)).toMatchObject([{ groupSize: null, isSymmetric: true, tensors: 2 }]);
  expect(found.filter(({ isExpert }) => isExpert).map(({ role, elements }) => [role, elements])).toEqual([
    ["weight", 2048],
    ["scale", 32],
  ]);
  expect(activeParameterCount(found, 1 / 4)).toBe(512 + 2048 / 4);
});

test("of a mixture, biases of the experts belong to them, and the router does not", async () => {
  const ir = new IrText();
  ir.operation("Add", ["9 4,8", ir.constant("f32", [4, 8], 32)], [4, 8]);
  ir.operation(
    "MatMul",
    ["9 1,16", ir.operation("Convert", [ir.constant("f16", [4, 16], 16)], [4, 16])],
    [-1, 4],
  );
  expect((await tensors(ir, 4)).map(({ elements, isExpert }) => [elements, isExpert])).toEqual([
    [32, true],
    [64, false],
  ]);
});

test("floats of more than one number are weights, a lone number and integers are not", async () => {
  const ir = new IrText();
  ir.constant("f32", [64], 32);
  ir.constant("f32", [], 32);
  ir.constant("f32", [1, 1, 1], 32);
  ir.constant("i64", [4], 64);
  const found = await tensors(ir);
  expect(found.map(({ role }) => role)).toEqual(["weight", "other", "other", "other"]);
  expect(parameterCount(found)).toBe(64);
});

test("frequencies of rotary embeddings are nobody's weights", async () => {
  const ir = new IrText();
  const angles = ir.operation("MatMul", [ir.constant("f32", [1, 32, 1], 32), "0 1,1"], [32, -1]);
  ir.operation("Cos", [angles], [32, -1]);
  expect((await tensors(ir)).map(({ role }) => role)).toEqual(["other"]);
});

test("a table that is only looked up is distinguished from one that is multiplied with, too", async () => {
  const lookup = new IrText();
  lookup.operation("Gather", [lookup.constant("f16", [100, 8], 16)], [-1, 8]);
  expect((await tensors(lookup)).map(({ isLookup }) => isLookup)).toEqual([true]);

  const tied = new IrText();
  const table = tied.constant("f16", [100, 8], 16);
  const converted = tied.operation("Convert", [table], [100, 8]);
  tied.operation("Gather", [converted], [-1, 8]);
  tied.operation("MatMul", ["9 1,8", converted], [-1, 100]);
  expect((await tensors(tied)).map(({ isLookup }) => isLookup)).toEqual([false]);

  const shared = new IrText();
  shared.operation("Gather", [shared.constant("f16", [100, 8], 16)], [-1, 8]);
  shared.operation("MatMul", ["9 1,8", shared.constant("f16", [100, 8], 16, 0)], [-1, 100]);
  const found = await tensors(shared);
  expect(found.map(({ isLookup, sizeBytes }) => [isLookup, sizeBytes])).toEqual([[false, 1600]]);
  expect(activeParameterCount(found, 1)).toBe(800);
});

test("most weights name the precision; shares add up to one", async () => {
  const ir = new IrText();
  ir.constant("f32", [10], 32);
  ir.constant("bf16", [100], 16);
  const found = await tensors(ir);
  expect(mainPrecision(found)).toBe("BF16");
  expect(censusOf(found).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(mainPrecision([])).toBeNull();
  expect(censusOf([])).toEqual([]);
});

test("a damaged graph that goes in circles comes to an end", async () => {
  const loop =
    '<layers><layer id="0" type="Convert"/><layer id="1" type="Convert"/><layer id="2" type="Multiply"/></layers><edges>' +
    '<edge from-layer="0" from-port="0" to-layer="1" to-port="0"/><edge from-layer="1" from-port="0" to-layer="0" to-port="0"/>' +
    '<edge from-layer="1" from-port="0" to-layer="2" to-port="0"/><edge from-layer="1" from-port="0" to-layer="2" to-port="1"/></edges>';
  expect(tensorsOf(await readIrGraph(irFile(loop)), null)).toEqual([]);
});

test("whatever is done to a file, it is read to an end without a failure", async () => {
  const ir = new IrText();
  const scales = ir.constant("f16", [8, 2, 1], 16);
  ir.operation(
    "MatMul",
    ["0 1,128", ir.decompressed(ir.constant("u4", [8, 2, 64], 4), null, scales, [8, 128])],
    [-1, 8],
  );
  const text = ir.text('<runtime_options><KV_CACHE_PRECISION value="u8" /></runtime_options>');
  const edit = fc.record({
    at: fc.nat(text.length),
    length: fc.nat(40),
    instead: fc.oneof(
      fc.string(),
      fc.constantFrom("<layers>", "</edges>", "<edges/>", '"', ">", "<!--", "-1", "<rt_info>"),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 5 }), async (edits) => {
      const changed = edits.reduce(
        (now, { at, length, instead }) => now.slice(0, at) + instead + now.slice(at + length),
        text,
      );
      const graph = await readIrGraph(irFile(changed));
      expect(censusOf(tensorsOf(graph, 8)).every(({ sizeBytes }) => sizeBytes >= 0)).toBe(true);
      expect(graphFacts(graph).operationCount).toBe(graph.main.size);
      expect(graphSizes(graph).layers ?? 1).toBeGreaterThan(0);
    }),
    { numRuns: 150 },
  );
});
