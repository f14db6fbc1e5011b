import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textBlocks } from "../../../ui/lib/text-blocks.js";

const code = (text: string) => ({ kind: "code", text });
const prose = (text: string) => ({ kind: "prose", text });

describe("an answer's text", () => {
  it.each([
    ["", []],
    ["One.\n\nTwo.\n", [prose("One.\n\nTwo.")]],
    ["Look:\n```js\nlet a;\n\n  a;\n```\nDone.", [prose("Look:"), code("let a;\n\n  a;"), prose("Done.")]],
    ["```\nwithout end", [code("without end")]],
    ["~~~\n```\n~~~", [code("```")]],
    ["````\n```\n````", [code("```")]],
    ["  ```\na\n  ```", [code("a")]],
    ["```\na\n``` not an end\n```", [code("a\n``` not an end")]],
    ["``` in `line` ```", [prose("``` in `line` ```")]],
    ["    ```", [prose("    ```")]],
  ])("%j is cut at its fences", (text, blocks) => {
    expect(textBlocks(text)).toEqual(blocks);
  });

  it("loses nothing but fences and empty lines", () => {
    const line = fc.constantFrom("a", "b c", "", "```", "```js", "~~~");
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const shown = textBlocks(lines.join("\n")).flatMap(({ text }) => text.split("\n"));
        const words = (all: readonly string[]) => all.filter((one) => /^[a-z]/.test(one));
        expect(words(shown)).toEqual(words(lines));
      }),
    );
  });
});
