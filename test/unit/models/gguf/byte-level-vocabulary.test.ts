import { describe, expect, it } from "vitest";
import { BYTE_ALPHABET, bytesOfToken } from "../../../../lib/models/gguf/byte-alphabet.js";
import { NO_TEXT, byteLevelVocabulary } from "../../../../lib/models/gguf/byte-level-vocabulary.js";
import type { GgufTokenizer } from "../../../../lib/models/gguf/gguf-tokenizer.js";

const [NORMAL, CONTROL, USER_DEFINED, UNUSED] = [1, 3, 4, 5];
const BYTES = BYTE_ALPHABET.map(({ character }) => character);

function tokenizer(more: readonly (readonly [string, number])[], merges: readonly string[]): GgufTokenizer {
  return {
    tokens: [...BYTES, ...more.map(([text]) => text)],
    kinds: [...BYTES.map(() => NORMAL), ...more.map(([, kind]) => kind)],
    merges,
    pre: null,
    chatTemplate: null,
    bosTokenId: null,
    eosTokenId: null,
    padTokenId: null,
    addsBos: null,
    addsEos: null,
  };
}
const normal = (...texts: string[]) => texts.map((text) => [text, NORMAL] as const);
const text = (bytes: Buffer | undefined) => bytes?.toString("utf8");
/** What a text is searched for to become the n-th token behind the bytes; null where it never does. */
const entry = (given: GgufTokenizer, n: number) => {
  const bytes = byteLevelVocabulary(given, false).entries[256 + n];
  return bytes?.[0] === NO_TEXT ? null : text(bytes);
};

it("a token's bytes are those that its characters stand for", () => {
  expect(BYTE_ALPHABET).toHaveLength(256);
  expect(new Set(BYTE_ALPHABET.map(({ byte }) => byte)).size).toBe(256);
  expect(text(bytesOfToken("ĠthÃ¼") ?? undefined)).toBe(" thü");
  expect(bytesOfToken("a b")).toBeNull();
  expect(bytesOfToken("｜")).toBeNull();
});

describe("a vocabulary", () => {
  it("has what merges make, and hides what they do not, and what is merged from that", () => {
    const given = tokenizer(normal("th", "the", "zz", "zza", "日"), ["t h", "th e", "zz a"]);
    expect([0, 1, 2, 3, 4].map((n) => entry(given, n))).toEqual(["th", "the", null, null, null]);
    const { entries, merges, texts } = byteLevelVocabulary(given, false);
    expect(merges.map((pair) => pair.map(text))).toEqual([
      ["t", "h"],
      ["th", "e"],
    ]);
    expect(new Set(entries.map((bytes) => bytes.toString("latin1"))).size).toBe(entries.length);
    expect(texts.slice(256).map(text)).toEqual(["th", "the", "zz", "zza", "日"]);
  });

  it("takes added tokens as they are spelled, and no merge leads to one", () => {
    const given = tokenizer(
      [
        ["é", USER_DEFINED],
        ["<｜x｜>", CONTROL],
        ["  ", USER_DEFINED],
        ["[PAD1]", UNUSED],
        ...normal("ĠĠ", "ĠĠa"),
      ],
      ["Ġ Ġ", "ĠĠ a"],
    );
    const { added, controlIds, merges, texts } = byteLevelVocabulary(given, false);
    expect(added.map(({ id, bytes }) => [id - 256, text(bytes)])).toEqual([
      [0, "é"],
      [1, "<｜x｜>"],
      [2, "  "],
    ]);
    expect(controlIds).toEqual([257]);
    expect(merges).toEqual([]);
    expect(texts.slice(256, 260).map(text)).toEqual(["é", "<｜x｜>", "  ", ""]);
    expect([0, 3, 4, 5].map((n) => entry(given, n))).toEqual(["é", null, null, null]);
  });

  it("knows the words that merges do not lead to, where words are taken whole", () => {
    const given = tokenizer(normal("bc", "ab", "abc", "xyz", "Ã¼", "ÃĽ"), ["b c", "a b", "ab c"]);
    const words = byteLevelVocabulary(given, true).wholeWords;
    expect(words.map(({ id, bytes }) => [id - 256, text(bytes)])).toEqual([
      [2, "abc"],
      [3, "xyz"],
      [4, "ü"],
      [5, "Û"],
    ]);
    expect(byteLevelVocabulary(given, false).wholeWords).toEqual([]);
  });

  it("of two merges of one pair has the later one", () => {
    const given = tokenizer(normal("ab", "bc"), ["a b", "b c", "a b"]);
    expect(byteLevelVocabulary(given, false).merges.map((pair) => pair.map(text).join(""))).toEqual([
      "bc",
      "ab",
    ]);
  });

  it.each([
    [normal("ab", "ab"), [], /The tokens 256 and 257 are the same/],
    [normal("ab"), ["a b", "ab c"], /Merge 1, "ab c"/],
    [normal("ab"), ["ab"], /two tokens in merge 0 but received "ab"/],
    [normal("ab"), ["a "], /two tokens in merge 0/],
    [normal("ab"), ["日 b"], /Merge 0, "日 b"/],
    [normal("ab"), ["a b c"], /two tokens in merge 0/],
  ])("that contradicts itself is refused: %j, %j", (more, merges, message) => {
    expect(() => byteLevelVocabulary(tokenizer(more, merges), false)).toThrow(message);
  });
});
