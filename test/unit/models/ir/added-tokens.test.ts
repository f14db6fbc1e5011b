import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { literalsOf, readAddedTokens } from "../../../../lib/models/ir/added-tokens.js";
import { temporaryFolder } from "../../../helpers/chain.js";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));

describe("the tokens that a tokenizer looks for", () => {
  it.each([
    [
      "tokenizers/llama-3",
      ["begin_of_text", "end_of_text", "start_header_id", "end_header_id", "eot_id"].map((t) => `<|${t}|>`),
    ],
    [
      "tokenizers/phi-3",
      ["<unk>", "<s>", "</s>", ...["system", "user", "assistant", "end"].map((t) => `<|${t}|>`)],
    ],
    ["tokenizers/gemma", ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]],
    ["tiny-gpt-oss", ["end", "user", "assistant", "system"].map((t) => `<|${t}|>`)],
  ])("stand in the IR of %s", async (name, texts) => {
    expect((await readAddedTokens(fixture(name))).toSorted()).toEqual(texts.toSorted());
  });

  it("are none where the constants are not in the file", async () => {
    const folder = temporaryFolder();
    await copyFile(
      join(fixture("tiny-phi3"), "openvino_tokenizer.xml"),
      join(folder, "openvino_tokenizer.xml"),
    );
    await writeFile(join(folder, "openvino_tokenizer.bin"), "");
    expect(await readAddedTokens(folder)).toEqual([]);
  });

  it("are not known without the file", async () => {
    await expect(readAddedTokens(temporaryFolder())).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
  });
});

describe("the texts of a pattern", () => {
  it.each([
    ["(\\<s\\>|\\<\\/s\\>)", ["<s>", "</s>"]],
    ["(\\<s\\>)|(\\[INST\\])", ["<s>", "[INST]"]],
    ["(?:\\s*)(\\<mask\\>)(?:\\s*)|(a\\|b|\\(x\\))", ["<mask>", "a|b", "(x)"]],
    ["(\\\\s\\*)", ["\\s*"]],
    ["(\\<｜tool▁calls▁begin｜\\>)", ["<｜tool▁calls▁begin｜>"]],
    ["", []],
  ])("%s", (pattern, texts) => {
    expect(literalsOf(Buffer.from(pattern)).map(String)).toEqual(texts);
  });

  it("may have each byte escaped", () => {
    const escaped = Buffer.from([...Buffer.from("<é>")].flatMap((byte) => [0x5c, byte]));
    expect(literalsOf(escaped).map(String)).toEqual(["<é>"]);
  });
});
