import { describe, expect, test } from "vitest";
import { hubNameText, parseHubName } from "../../../lib/hub/model-name.js";

describe("a name on the hub", () => {
  test.each([
    ["OpenVINO/Phi-4-mini-instruct-int4-ov", "OpenVINO/Phi-4-mini-instruct-int4-ov", null, null],
    ["gpt2", "gpt2", null, null],
    ["a/b@main", "a/b", "main", null],
    ["a/b@refs/pr/1", "a/b", "refs/pr/1", null],
    ["a/b@v1.0", "a/b", "v1.0", null],
    ["unsloth/Qwen3-0.6B-GGUF:Q8_0", "unsloth/Qwen3-0.6B-GGUF", null, "Q8_0"],
    ["a/b@v1:UD-Q4_K_XL", "a/b", "v1", "UD-Q4_K_XL"],
  ])("%s has its parts, and is written as it was", (text, id, revision, quant) => {
    const name = parseHubName(text);
    expect(name).toEqual({ id, revision, quant });
    expect(name && hubNameText(name)).toBe(text);
  });

  test.each([
    "",
    "a/b/c",
    "/a",
    "a/",
    "../a",
    "a/..",
    "a/b@../../x",
    "a/b@a//b",
    "a/b@.hidden",
    "a/b@x.lock",
    "a/b:",
    "a/b@",
    "a--b/c",
    "a/b.git",
    "-a/b",
    "a/b ",
    "a\\b",
    "~/tiny",
    "tiny\nname",
    "https://hub/a/b",
    `a/${"b".repeat(100)}`,
  ])("%j is none", (text) => {
    expect(parseHubName(text)).toBeNull();
  });
});
