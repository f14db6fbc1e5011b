import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { inspectModel } from "../../../../lib/models/inspect/inspect-model.js";
import { cacheBytesPerToken } from "../../../../lib/models/inspect/memory.js";
import { IrText, irFile } from "../../../helpers/ir-files.js";

/** An IR of one layer: keys and values of 2 heads of 16, 4 heads that ask, and an output of 40 tokens by 64. */
function graph(add: (ir: IrText) => void, outputType = "f16"): IrText {
  const ir = new IrText();
  for (const _ of ["key", "value"])
    ir.operation("ReadValue", [], [-1, 2, -1, 16], 'variable_shape="?,2,?,16" variable_id="x"');
  const query = ir.operation("Relu", [], [-1, 4, -1, 16]);
  ir.operation("ScaledDotProductAttention", [query], [-1, 4, -1, 16]);
  add(ir);
  const hidden = ir.operation("Relu", [], [-1, -1, 64]);
  const logits = ir.operation("MatMul", [hidden, ir.constant(outputType, [40, 64], 16)], [-1, -1, 40]);
  ir.operation("Result", [logits], []);
  return ir;
}

const OUTPUT = { bytes: 5120, multiplyAdds: 2560 };

test("of a dense model all matrices are read with their scales, and the table of embeddings is not", async () => {
  const ir = graph((one) => {
    // A table that is looked up, in 8 bits with a scale for each row: neither it nor its scales are read as a whole.
    const table = one.decompressed(
      one.constant("i8", [40, 64], 8),
      null,
      one.constant("f16", [40, 1], 16),
      null,
    );
    one.operation("Gather", [table], [-1, 64]);
    const [weights, zeros] = [one.constant("u4", [8, 2, 32], 4), one.constant("u4", [8, 2, 1], 4)];
    const matrix = one.decompressed(weights, zeros, one.constant("f16", [8, 2, 1], 16), [8, 64]);
    one.operation("MatMul", ["0 1,64", matrix], [-1, 8]);
    // A norm: read, and no matrix.
    one.operation("Multiply", ["0 1,64", one.constant("f32", [1, 1, 64], 32)], [1, 1, 64]);
  });
  expect((await inspectModel(dirname(irFile(ir.text())))).step).toEqual({
    denseBytes: 256 + 8 + 32 + 256 + OUTPUT.bytes,
    denseMultiplyAdds: 512 + OUTPUT.multiplyAdds,
    expertBytes: 0,
    expertMultiplyAdds: 0,
    activeExpertShare: 1,
    outputMultiplyAdds: 2560,
    attentionMultiplyAdds: 2 * 4 * 16,
    cacheElements: 64,
    headSize: 16,
    slidingWindow: null,
  });
});

test("of a mixture the experts stand apart, with the part of them that works on a token", async () => {
  const ir = graph((one) => {
    const router = one.decompressed(
      one.constant("u8", [4, 64], 8),
      null,
      one.constant("f16", [4, 1], 16),
      null,
    );
    one.operation("MatMul", ["0 1,64", router], [-1, 4]);
    const scales = one.constant("f16", [4, 8, 1], 16);
    const experts = one.decompressed(one.constant("i8", [4, 8, 64], 8), null, scales, null);
    one.operation("MatMul", ["0 1,64", experts], [4, -1, 8]);
    one.operation("Add", ["9 4,8", one.constant("f32", [4, 8], 32)], [4, 8]);
  });
  const path = irFile(ir.text());
  const stepWith = async (config: object) => {
    writeFileSync(join(dirname(path), "config.json"), JSON.stringify(config));
    return (await inspectModel(dirname(path))).step;
  };
  const known = { num_local_experts: 4, num_experts_per_tok: 1, sliding_window: 128 };
  expect(await stepWith(known)).toMatchObject({
    denseBytes: 256 + 8 + OUTPUT.bytes,
    denseMultiplyAdds: 256 + OUTPUT.multiplyAdds,
    expertBytes: 2048 + 64 + 128,
    expertMultiplyAdds: 2048,
    activeExpertShare: 1 / 4,
    slidingWindow: 128,
  });
  expect((await stepWith({ num_local_experts: 4 }))?.activeExpertShare).toBeNull();
});

test("a matrix in a format that is not known leaves nothing known", async () => {
  expect((await inspectModel(dirname(irFile(graph(() => {}, "q77").text())))).step).toBeNull();
});

test("a token takes so many bytes in the cache, and none that is known for an unknown type", () => {
  expect(cacheBytesPerToken(64, 16, "f16")).toBe(128);
  expect(cacheBytesPerToken(64, 16, "U8")).toBe(64 + 8 * (32 / 32 + 32 / 16));
  expect(cacheBytesPerToken(64, 16, "q77")).toBeNull();
});
