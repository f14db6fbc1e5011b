import { mkdtemp, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkIr } from "../../../../lib/models/ir/ir-check.js";
import { EXPECTED_BUILDS, RUNTIME_VERSION } from "../../../../lib/runtime/pins.js";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "openvino-llm-ir-"));
  for (const part of ["openvino_model", "openvino_tokenizer", "openvino_detokenizer"]) await writePart(part);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const STRINGS = ["a", "bc", "", "déf"];

interface Table {
  begins: number[];
  ends: number[];
  bytes: string;
}

function tableOf(strings: string[]): Table {
  const ends: number[] = [];
  for (const text of strings) ends.push((ends.at(-1) ?? 0) + Buffer.byteLength(text));
  return { begins: [0, ...ends].slice(0, ends.length), ends, bytes: strings.join("") };
}

/** Writes a model with one operation that gets a table of strings after a computed input, at an odd offset. */
async function writePart(
  part: string,
  { begins, ends, bytes }: Table = tableOf(STRINGS),
  { rtInfo = "", owner = 'type="VocabDecoder" version="extension"' } = {},
): Promise<void> {
  const constants = [
    { type: "i32", data: Buffer.from(Int32Array.from(begins).buffer) },
    { type: "i32", data: Buffer.from(Int32Array.from(ends).buffer) },
    { type: "u8", data: Buffer.from(bytes) },
  ];
  let offset = 3;
  const layers = constants.map(({ type, data }, i) => {
    const extent = `offset="${offset}" size="${data.length}"`;
    offset += data.length;
    return `<layer id="${i + 1}" name="Constant_${i}" type="Const" version="opset1"><data element_type="${type}" shape="1" ${extent} /></layer>`;
  });
  const edges = [0, 1, 2, 3].map(
    (from) => `<edge from-layer="${from}" from-port="0" to-layer="4" to-port="${from}" />`,
  );
  const xml = `<?xml version="1.0"?>
<net name="part" version="11">
	<layers>
		<layer id="0" name="Parameter_0" type="Parameter" version="opset1"><data shape="?,?" element_type="i64" /></layer>
		${layers.join("\n\t\t")}
		<layer id="4" name="VocabDecoder_7" ${owner}><data skip_tokens="" /></layer>
	</layers>
	<edges>${edges.join("")}</edges>
	<rt_info>${rtInfo}</rt_info>
</net>`;
  await writeFile(join(dir, `${part}.xml`), xml);
  await writeFile(
    join(dir, `${part}.bin`),
    Buffer.concat([Buffer.alloc(3), ...constants.map(({ data }) => data)]),
  );
}

async function expectRefused(...words: (string | RegExp)[]): Promise<void> {
  const checking = checkIr(dir);
  await expect(checking).rejects.toMatchObject({ name: "OpenVinoLlmError", code: "ERR_MODEL_LOAD" });
  for (const word of words) await expect(checking).rejects.toThrow(word);
}

test("a whole model passes", async () => {
  await expect(checkIr(dir)).resolves.toEqual(new Map());
});

describe("versions", () => {
  test.each([
    [
      "openvino_tokenizer",
      '<openvino_tokenizers_version value="2099.1.0.0-1-abc" />',
      "OpenVINO Tokenizers 2099.1.0.0",
    ],
    [
      "openvino_detokenizer",
      '<openvino_genai_version value="2099.5.0.0-3408-ab" />',
      "OpenVINO GenAI 2099.5.0.0",
    ],
    [
      "openvino_model",
      '<info name="OpenVINO Runtime" value="2099.4.2-1-e2-releases/2026/4" />',
      "OpenVINO 2099.4.2",
    ],
    ["openvino_model", '<Runtime_version value="2099.10.0-1-e2" />', "OpenVINO 2099.10.0"],
  ])("%s by a newer %s is refused, with both versions and the cure", async (part, rtInfo, received) => {
    await writePart(part, undefined, { rtInfo });
    await expectRefused(
      join(dir, `${part}.xml`),
      received,
      `${RUNTIME_VERSION} (the runtime of this package)`,
      new RegExp(
        `Export the model with openvino==${RUNTIME_VERSION} openvino-tokenizers==${RUNTIME_VERSION}.0 .*or update openvino-llm\\.`,
      ),
    );
  });

  test.each([
    `<info name="OpenVINO Runtime" value="${EXPECTED_BUILDS.openvino}-releases/2026/4" />`,
    `<openvino_tokenizers_version value="${RUNTIME_VERSION}.0-738-9bfda529607" />`,
    '<openvino_tokenizers_version value="2024.5.0.0" />',
    '<openvino_version value="custom build" />',
    '<transformers_version value="9999.1.0" />',
  ])("%s passes", async (rtInfo) => {
    await writePart("openvino_tokenizer", undefined, { rtInfo });
    await expect(checkIr(dir)).resolves.toEqual(new Map());
  });
});

describe("weights", () => {
  test.each(["openvino_model", "openvino_tokenizer", "openvino_detokenizer"])(
    "%s.bin without its last byte is refused, with both sizes",
    async (part) => {
      const whole = 3 + 2 * 4 * STRINGS.length + Buffer.byteLength(STRINGS.join(""));
      await truncate(join(dir, `${part}.bin`), whole - 1);
      await expectRefused(
        join(dir, `${part}.bin`),
        `has ${whole - 1} bytes`,
        `${part}.xml reaches to byte ${whole}`,
      );
    },
  );

  test("more bytes than are named do no harm", async () => {
    await truncate(join(dir, "openvino_model.bin"), 100_000);
    await expect(checkIr(dir)).resolves.toEqual(new Map());
  });

  test("a file that is gone meanwhile is named", async () => {
    await unlink(join(dir, "openvino_model.bin"));
    await expectRefused(join(dir, "openvino_model.bin"), "reading it failed");
  });
});

describe("tables of strings", () => {
  const whole = tableOf(STRINGS);
  const spoiled: [string, Table, RegExp][] = [
    ["that begins before the table", { ...whole, begins: [0, 1, -1, 3] }, /from byte -1 to 3 of 7/],
    ["that ends behind the table", { ...whole, ends: [1, 3, 3, 8] }, /from byte 3 to 8 of 7/],
    ["that ends far behind the table", { ...whole, ends: [1, 2 ** 31 - 1, 3, 7] }, /to 2147483647 of 7/],
    ["that ends before it begins", { ...whole, ends: [1, 0, 3, 7] }, /from byte 1 to 0 of 7/],
    ["without an end", { ...whole, ends: [1, 3, 3] }, /4 beginnings and 3 ends/],
  ];

  test.each(spoiled)("with a string %s are refused", async (_, table, problem) => {
    await writePart("openvino_detokenizer", table);
    await expectRefused(join(dir, "openvino_detokenizer.bin"), "strings of VocabDecoder_7", problem);
    await writePart("openvino_detokenizer");
    await writePart("openvino_tokenizer", table);
    await expectRefused(join(dir, "openvino_tokenizer.bin"), problem);
  });

  test("of operations that are not of OpenVINO Tokenizers are none", async () => {
    await writePart("openvino_tokenizer", spoiled[0]?.[1], { owner: 'type="Other" version="opset1"' });
    await expect(checkIr(dir)).resolves.toEqual(new Map());
  });

  test("are looked for in tokenizers only", async () => {
    await writePart("openvino_model", spoiled[0]?.[1]);
    await expect(checkIr(dir)).resolves.toEqual(new Map());
  });

  test("may have gaps and strings that overlap", async () => {
    await writePart("openvino_tokenizer", { begins: [5, 0, 7, 2], ends: [7, 6, 7, 3], bytes: "abcdefg" });
    await expect(checkIr(dir)).resolves.toEqual(new Map());
  });

  test("may be empty", async () => {
    await writePart("openvino_tokenizer", tableOf([]));
    await expect(checkIr(dir)).resolves.toEqual(new Map());
  });
});
