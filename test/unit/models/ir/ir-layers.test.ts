import { describe, expect, test } from "vitest";
import { layersOf } from "../../../../lib/models/ir/ir-layers.js";

/** Cut down from what OpenVINO writes for a detokenizer. */
const XML = `<?xml version="1.0"?>
<net name="detokenizer" version="11">
	<layers>
		<layer id="0" name="Parameter_1" type="Parameter" version="opset1">
			<data shape="?,?" element_type="i64" />
			<output><port id="0" precision="I64"><dim>-1</dim></port></output>
		</layer>
		<layer id="1" name="Constant_1" type="Const" version="opset1">
			<data element_type="i32" shape="288" offset="8" size="1152" />
		</layer>
		<layer id="2" name="VocabDecoder_1" type="VocabDecoder" version="extension">
			<data skip_tokens="1 > 0" />
		</layer>
	</layers>
	<edges>
		<edge from-layer="0" from-port="0" to-layer="2" to-port="0" />
		<edge from-layer="1" from-port="0" to-layer="2" to-port="1" />
	</edges>
	<rt_info><chat_template value="{{ '&lt;|im_start|>' }}<layer" /></rt_info>
</net>`;

const CONSTANT = { elementType: "i32", offsetBytes: 8, sizeBytes: 1152 };

describe("the layers of an IR", () => {
  test("have their constants and what they get from others", () => {
    expect(layersOf(XML)).toEqual([
      { name: "Parameter_1", type: "Parameter", isExtension: false, constant: null, inputs: new Map() },
      { name: "Constant_1", type: "Const", isExtension: false, constant: CONSTANT, inputs: new Map() },
      {
        name: "VocabDecoder_1",
        type: "VocabDecoder",
        isExtension: true,
        constant: null,
        inputs: new Map([
          [0, null],
          [1, CONSTANT],
        ]),
      },
    ]);
  });

  test("are read in other spellings of the same", () => {
    const other = XML.replaceAll(/="([^"']*)"/g, " = '$1'").replace(
      "<net",
      "<!-- <layer id='0' \" > -->\n<net",
    );
    expect(layersOf(other)).toEqual(layersOf(XML));
  });

  test("are none where a body numbers its layers anew", () => {
    expect(layersOf(XML.replace('id="2"', 'id="1"'))).toEqual([]);
  });

  test.each([
    ["a size that is no number", 'size="many"'],
    ["a size that no file has", 'size="18446744073709551615"'],
    ["no size", ""],
  ])("have no constant with %s", (_, size) => {
    expect(layersOf(XML.replace('size="1152"', size))[1]?.constant).toBeNull();
  });

  test.each([
    ["cut off within an attribute", XML.slice(0, XML.indexOf('name="Constant_1"') + 8)],
    ["empty", ""],
    ["no XML", "<".repeat(1000)],
    ["cut off within a comment", XML.replace('<layer id="1"', '<!-- <layer id="1"')],
  ])("of a text that is %s are those up to there", (_, xml) => {
    expect(layersOf(xml).length).toBeLessThanOrEqual(1);
  });
});

test.each([
  ["quotes that do not close", '<a "'],
  ["tags that do not close", "<data a=1 "],
  ["names without a value", "<data "],
  ["comments that do not close", "<!-- "],
  ["white space", "<data \t\n"],
])("ten megabytes of %s take no longer than ten megabytes do", (_, piece) => {
  // An algorithm that looks again at what it has seen would need days for it.
  expect(layersOf(piece.repeat(10_000_000 / piece.length))).toEqual([]);
  expect(layersOf(`<data ${"a".repeat(10_000_000)}>`)).toEqual([]);
});
