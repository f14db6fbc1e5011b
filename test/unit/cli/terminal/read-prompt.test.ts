import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { decode, readPrompt } from "../../../../lib/cli/terminal/read-prompt.js";

describe("readPrompt", () => {
  test("takes the argument as it is, the empty one too", async () => {
    expect(await readPrompt(new Command(), "Hello\n")).toBe("Hello\n");
    expect(await readPrompt(new Command(), "")).toBe("");
  });
});

describe("decode", () => {
  test("drops one line end at the end", () => {
    expect(["a\n", "a\r\n", "a\n\n", "\n", ""].map((text) => decode(Buffer.from(text)))).toEqual([
      "a",
      "a",
      "a\n",
      "",
      "",
    ]);
  });

  test("refuses what is not UTF-8", () => {
    expect(decode(Uint8Array.of(0x68, 0xff))).toBeNull();
  });
});
