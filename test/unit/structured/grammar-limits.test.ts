import { describe, expect, it } from "vitest";
import {
  checkEbnf,
  checkParts,
  checkRegex,
  checkSchemaPatterns,
} from "../../../lib/structured/grammar-limits.js";

const REFUSED = expect.objectContaining({ code: "ERR_INVALID_SCHEMA" });

describe("the limits of an expression", () => {
  it.each([
    "a{256}",
    "(a{10}){16}",
    "(a|b{3})*",
    "((a+)*,)*",
    "(a+){1}",
    "a+{2}x",
    "[({]{2}",
    "\\({3}",
    "(".repeat(199) + "a" + ")".repeat(199),
    "",
    ")(",
  ])("let %s through", (text) => expect(() => checkRegex("x", text)).not.toThrow());

  it.each([
    ["more copies than are quickly made", "a{257}"],
    ["copies of copies", "((a{10}){10}){10}"],
    ["copies that add up", ".{1,200}x.{1,200}"],
    ["copies without an end", "a{300,}"],
    ["a count beyond all numbers", "a{100000000000000000000}"],
    ["brackets that would end the process", "(".repeat(100_000) + "a" + ")".repeat(100_000).slice(0, 0)],
    ["copies of what has no bound", "(x(.*)y){1,4}"],
    ["copies of what has no upper bound", "(a{2,}){3}"],
    ["a NUL", "a\0b"],
    ["a text beyond all measure", "a".repeat(65_537)],
  ])("refuse %s", (_, text) => {
    expect(() => checkRegex("x", text)).toThrow(REFUSED);
    expect(() => checkEbnf("x", `root ::= ${text}`)).toThrow(REFUSED);
  });

  it("take literals of rules for what they are", () => {
    expect(() => checkEbnf("x", `root ::= "${"(".repeat(300)}{1,999}" # ${"(".repeat(300)}`)).not.toThrow();
  });

  it("hold inside a structural tag, and not for its JSON Schemas", () => {
    for (const tag of [
      { format: { grammar: 'root ::= "a"{999}' } },
      { elements: [{ pattern: "a{200}" }, { pattern: "a{200}" }] },
    ]) {
      expect(() => checkParts("x", tag)).toThrow(REFUSED);
    }
    const schema = { type: "json_schema", json_schema: { pattern: ".{999}" } };
    expect(() => checkParts("x", schema)).not.toThrow();
  });

  it("are brackets alone in a JSON Schema", () => {
    const brackets = "(".repeat(200) + "a" + ")".repeat(200);
    for (const schema of [{ items: [{ pattern: brackets }] }, { patternProperties: { [brackets]: {} } }]) {
      expect(() => checkSchemaPatterns("x", schema)).toThrow(REFUSED);
    }
    expect(() => checkSchemaPatterns("x", { pattern: "(a{999})\\(".repeat(250) })).not.toThrow();
  });
});

describe("texts that are not closed", () => {
  it.each(["[", '"', '\\"', '"\\', "[\\"])("are gone through once: %j", (piece) => {
    const text = piece.repeat(60_000 / piece.length);
    expect(() => checkRegex("r", text)).not.toThrow();
    expect(() => checkEbnf("e", text)).not.toThrow();
  });
});
