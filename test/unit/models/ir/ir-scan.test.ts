import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isNewer, scanIr } from "../../../../lib/models/ir/ir-scan.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-scan-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function scan(xml: string) {
  const path = join(folder, "openvino_tokenizer.xml");
  await writeFile(path, xml);
  return scanIr(path);
}

/** As OpenVINO 2026.4.1 wrote it, with what the tokenizer conversion of Python and GenAI's of GGUF add. */
const RT_INFO = `
	<rt_info>
		<info name="OpenVINO Runtime" value="2026.4.1-22982-e213a147257-releases/2026/4" />
		<bos_token_id value="284" />
		<chat_template value="{% for m in messages %}&lt;|im_start|>{{ m['content'] }}{% endfor %}" />
		<openvino_genai_version value="2026.4.1.0-3408-ab01d1771e4" />
		<openvino_tokenizers_version value="2026.4.1.0-738-9bfda529607" />
		<openvino_version value="2026.4.1-22982-e213a147257-releases/2026/4" />
		<transformers_version value="5.5.4" />
	</rt_info>
</net>
`;

describe("the versions of what wrote an IR", () => {
  test("are those of OpenVINO, OpenVINO Tokenizers and GenAI, and no others", async () => {
    const { versions } = await scan(RT_INFO);
    expect([...versions]).toEqual([
      ["OpenVINO", "2026.4.1-22982-e213a147257-releases/2026/4"],
      ["OpenVINO GenAI", "2026.4.1.0-3408-ab01d1771e4"],
      ["OpenVINO Tokenizers", "2026.4.1.0-738-9bfda529607"],
    ]);
  });

  test("are found in the form of older serialisers", async () => {
    const { versions } = await scan('<rt_info>\n<Runtime_version value="2024.6.0-17404-4c0f47d2335" />');
    expect([...versions]).toEqual([["OpenVINO", "2024.6.0-17404-4c0f47d2335"]]);
  });

  test("the newer of two is taken, in either order", async () => {
    const [older, newer] = ['<openvino_version value="2025.3.0" />', '<Runtime_version value="2026.1.0" />'];
    expect((await scan(older + newer)).versions.get("OpenVINO")).toBe("2026.1.0");
    expect((await scan(newer + older)).versions.get("OpenVINO")).toBe("2026.1.0");
  });

  test("may be absent", async () => {
    expect([...(await scan("<net></net>")).versions]).toEqual([]);
    expect([...(await scan("")).versions]).toEqual([]);
  });
});

describe("the end of the weights", () => {
  test("is the end of the last constant, wherever it stands in the file", async () => {
    const constants = [
      '<data element_type="i32" shape="288" offset="0" size="1152" />',
      '<data element_type="u8" shape="363" offset="2304" size="363" />',
      '<data element_type="i32" shape="288" offset="1152" size="1152" />',
    ];
    expect((await scan(constants.join("\n"))).weightsEndBytes).toBe(2667);
  });

  test("is zero without a constant", async () => {
    expect((await scan('<data shape="?,?" element_type="i64" />')).weightsEndBytes).toBe(0);
  });

  test("may lie beyond what a number holds exactly", async () => {
    const { weightsEndBytes } = await scan('<data offset="18446744073709551615" size="4" />');
    expect(weightsEndBytes).toBeGreaterThan(2 ** 63);
  });
});

test("what lies across the chunks that the file is read in is found, at every place", async () => {
  const constant = '<data offset="1000000" size="24" />';
  const chunkBytes = 2 ** 18;
  for (const before of [0, 1, 10, 20, constant.length - 1, constant.length]) {
    const { versions, weightsEndBytes } = await scan(
      `${" ".repeat(chunkBytes - before)}${constant}${" ".repeat(chunkBytes - constant.length - before)}${RT_INFO}`,
    );
    expect({ before, weightsEndBytes, writers: versions.size }).toEqual({
      before,
      weightsEndBytes: 1_000_024,
      writers: 3,
    });
  }
});

test("a file that cannot be read gives ERR_MODEL_LOAD with its path", async () => {
  await expect(scanIr(folder)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
  await expect(scanIr(folder)).rejects.toThrow(folder);
});

test.each([
  ["2026.4.2", "2026.4.1", true],
  ["2026.5.0-1-abc", "2026.4.1", true],
  ["2026.10.0.0", "2026.9.9", true],
  ["2027.0.0", "2026.4.1", true],
  ["2026.4.1-99999-abc", "2026.4.1", false],
  ["2026.4.1.1", "2026.4.1", false],
  ["2026.4.0", "2026.4.1", false],
  ["2025.12.9", "2026.4.1", false],
  ["2026.4.11", "2026.4.2", true],
  ["unknown", "2026.4.1", false],
  ["", "2026.4.1", false],
  ["9999", "2026.4.1", false],
  ["custom_feature/x_2027.1.0", "2026.4.1", false],
])("%j is newer than %s: %s", (version, than, newer) => {
  expect(isNewer(version, than)).toBe(newer);
});

test("finds the properties that a model brings along", async () => {
  const { runtimeOptions } = await scan(
    '<rt_info><runtime_options><ACTIVATIONS_SCALE_FACTOR value="8" /><KV_CACHE_PRECISION value="f16" />' +
      '<DYNAMIC_QUANTIZATION_GROUP_SIZE value="0" /></runtime_options></rt_info>',
  );
  expect([...runtimeOptions]).toEqual([
    ["KV_CACHE_PRECISION", "f16"],
    ["DYNAMIC_QUANTIZATION_GROUP_SIZE", "0"],
  ]);
});
