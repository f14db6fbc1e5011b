import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readDataset } from "../../../lib/prompts/dataset.js";

const folder = mkdtempSync(join(tmpdir(), "openvino-llm-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, "prompts.jsonl");
  writeFileSync(path, text);
  return path;
}

describe("readDataset", () => {
  it("takes texts, chats and token ids, and leaves out empty lines and other fields", async () => {
    const messages = [{ role: "user", content: "Hi" }];
    const lines = [
      JSON.stringify({ prompt: "Why?", output_tokens: 5 }),
      "",
      JSON.stringify({ messages }),
      JSON.stringify({ prompt_token_ids: [1, 2, 3] }),
    ];
    expect(await readDataset(file(lines.join("\n")))).toEqual([
      { input: "Why?", length: null },
      { input: messages, length: null },
      { input: { tokenIds: [1, 2, 3] }, length: 3 },
    ]);
  });

  it.each([
    ["no JSON", "{", "JSON for line 2 of"],
    ["no object", "[1]", "a JSON object for line 2 of"],
    ["no prompt", '{"text": "Why?"}', '"prompt" (a text), "messages"'],
    ["an empty prompt", '{"prompt": ""}', '"prompt" (a text)'],
    ["ids that are no integers", '{"prompt_token_ids": [1.5]}', '"prompt_token_ids"'],
  ])("refuses a line with %s and names it", async (_, line, message) => {
    await expect(readDataset(file(`{"prompt": "Why?"}\n${line}`))).rejects.toThrow(message);
    await expect(readDataset(file(`{"prompt": "Why?"}\n${line}`))).rejects.toThrow(RangeError);
  });

  it.each([
    ['[{"role": "user"}]', "messages of line 1 of", "[0].content"],
    ['[{"role": "usr", "content": "a"}]', '"user", "assistant"', "[0].role"],
    ["[]", "at least one chat message", "messages of line 1"],
  ])("refuses a line with the messages %s", async (messages, ...texts) => {
    const read = readDataset(file(`{"messages": ${messages}}`));
    await expect(read).rejects.toHaveProperty(
      "code",
      expect.stringMatching(/^ERR_(?:INVALID_ARG_TYPE|OUT_OF_RANGE)$/),
    );
    for (const text of texts) await expect(read).rejects.toThrow(text);
  });

  it("refuses a file without prompts and one that is not there", async () => {
    await expect(readDataset(file("\n"))).rejects.toThrow("at least one prompt");
    await expect(readDataset(join(folder, "none.jsonl"))).rejects.toMatchObject({
      code: "ERR_OUT_OF_RANGE",
      message: expect.stringContaining("a file of prompts that can be read") as string,
    });
  });
});
