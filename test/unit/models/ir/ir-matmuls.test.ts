import { describe, expect, test } from "vitest";
import { matMulsOf } from "../../../../lib/models/ir/ir-matmuls.js";

/** As OpenVINO writes it. */
function layer(name: string, type: string, data: string, dims: readonly number[]): string {
  return `
		<layer id="36" name="${name}" type="${type}" version="opset1">
			<data ${data} />
			<input>
				<port id="0" precision="FP32">
					<dim>-1</dim>
					<dim>-1</dim>
					<dim>288</dim>
				</port>
				<port id="1" precision="FP32">
					${dims.map((dim) => `<dim>${dim}</dim>`).join("\n\t\t\t\t\t")}
				</port>
			</input>
			<output>
				<port id="2" precision="FP32">
					<dim>-1</dim>
					<dim>32</dim>
				</port>
			</output>
		</layer>`;
}

const TRANSPOSED = 'transpose_a="false" transpose_b="true"';
const PLAIN = 'transpose_a="false" transpose_b="false"';

describe("the multiplications of an IR", () => {
  test("have the sizes of their weights, transposed or not", () => {
    expect(matMulsOf(layer("q_proj", "MatMul", TRANSPOSED, [32, 288]))).toEqual([
      { name: "q_proj", sizes: { input: 288, output: 32 } },
    ]);
    expect(matMulsOf(layer("q_proj", "MatMul", PLAIN, [288, 32]))).toEqual([
      { name: "q_proj", sizes: { input: 288, output: 32 } },
    ]);
  });

  test("are convolutions too, of one point", () => {
    const data = 'strides="1, 1" auto_pad="explicit"';
    expect(matMulsOf(layer("c", "Convolution", data, [32, 288, 1, 1]))).toEqual([
      { name: "c", sizes: { input: 288, output: 32 } },
    ]);
    expect(matMulsOf(layer("c", "Convolution", data, [32, 288, 3, 3]))).toEqual([{ name: "c", sizes: null }]);
  });

  test.each([[[-1, 1, -1]], [[-1, 64]], [[8, 32, 288]], [[288]], [[]]])(
    "have no sizes where the second input is %j",
    (dims) => {
      expect(matMulsOf(layer("rope", "MatMul", PLAIN, dims))).toEqual([{ name: "rope", sizes: null }]);
    },
  );

  test("are found among others, inside others, and with names that XML escapes", () => {
    const xml = `<net><layers>${layer("a", "Add", "", [1, 1])}
      <layer id="5" name="if" type="If" version="opset8"><then_body><layers>${layer("x &lt;&amp;amp; y&gt;", "MatMul", TRANSPOSED, [2, 3])}
      </layers></then_body></layer>${layer("type=&quot;MatMul&quot;", "Const", "", [2, 3])}</layers></net>`;
    expect(matMulsOf(xml)).toEqual([{ name: "x <&amp; y>", sizes: { input: 3, output: 2 } }]);
  });

  test.each(["", "no XML", '<layer name="a" type="MatMul"', "<layer <layer "])("are none in %j", (xml) => {
    expect(matMulsOf(xml)).toEqual([]);
  });
});

test.each([
  "<layer ",
  '<layer type="MatMul" name="a" ',
  '<layer type="MatMul" name="a"><port id="1" ',
  "<dim>1</dim> ",
  " type=",
])("ten megabytes of %j take no longer than ten megabytes do", (piece) => {
  // An algorithm that looks again at what it has seen would need days for it.
  expect(matMulsOf(`<layer ${piece.repeat(10_000_000 / piece.length)}`).length).toBeLessThan(1_000_000);
});
