import { expect, test } from "vitest";
import { LineSplitter } from "../../../lib/prepare/line-splitter.js";

function linesOf(...pieces: string[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const piece of pieces) splitter.push(piece);
  splitter.end();
  return lines;
}

test("lines are the same however the text is cut", () => {
  expect(linesOf("one\ntw", "o\r", "\nthree")).toEqual(["one", "two", "three"]);
  expect(linesOf("", "\n", "\n")).toEqual(["", ""]);
});

test("of a line that is drawn again only the last state is kept", () => {
  expect(linesOf("0%\r", "50%\r100%\nend\n")).toEqual(["100%", "end"]);
  expect(linesOf(...Array.from({ length: 5 }, (_, i) => `\r${i}`))).toEqual(["4"]);
});
