import { describe, expect, it, test } from "vitest";
import { OpenVinoLlmError, outOfRange } from "../../../lib/errors/errors.js";
import { cleanNativeMessage, nativeError, nativeFailure } from "../../../lib/native/native-errors.js";

describe("messages of GenAI", () => {
  it.each([
    [
      "Exception from src/inference/src/cpp/core.cpp:126:\nException from src/inference/src/dev/plugin.cpp:53:\nUnable to read the model",
      "Unable to read the model",
    ],
    [
      "Check 'sampling_params.validate()' failed at src/cpp/src/generation_config.cpp:305:\nignore_eos is true\n",
      "ignore_eos is true",
    ],
    [
      "Exception from src/core.cpp:84:\n[CPU] StringTensorPack node with name 'X' Check 'a <= b' failed at src/core/string_tensor_pack.hpp:29:\nWhile validating node 'X':\nThe index is too high.\n",
      "[CPU] StringTensorPack node with name 'X' While validating node 'X': The index is too high.",
    ],
    ["[12:01:02] /home/build/xgrammar/cpp/grammar.cc:77: EBNF parser error", "EBNF parser error"],
    ["std::bad_alloc", "std::bad_alloc"],
    ["Exception from src/a.cpp:1:", "OpenVINO gave no reason"],
    [
      "Exception from src/inference/src/cpp/core.cpp:84:\nCheck 'shape.same_scheme(other)' failed at src/core/src/descriptor/tensor.cpp:164:\n",
      "Check 'shape.same_scheme(other)' failed",
    ],
  ])("lose the places of the build: %j", (raw, reason) => {
    expect(cleanNativeMessage(raw)).toBe(reason);
  });

  it("stay whole in the cause", () => {
    const raw = "Exception from src/a.cpp:1:\nreason";
    const error = nativeError("ERR_MODEL_LOAD", "The model could not be loaded", raw);
    expect(error).toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: "The model could not be loaded: reason",
      cause: { message: raw },
    });
  });

  it.each([
    ['Device with "XPU" name is not registered in the OpenVINO Runtime', "ERR_DEVICE"],
    [
      "Request 0 was dropped by the scheduler because it did not fit in the available cache",
      "ERR_KV_CACHE_FULL",
    ],
    ["Unable to read the model", "ERR_NATIVE"],
  ] as const)("decide the code: %s", (raw, code) => {
    expect(nativeError("ERR_NATIVE", "x", raw).code).toBe(code);
  });
});

describe("what the system would not give", () => {
  it.each([
    ["std::bad_alloc", "ERR_OUT_OF_MEMORY", /gave no more memory\. .*ulimit -v/],
    [
      "Exception from src/core.cpp:1:\nNode PagedAttentionExtension_1 of type X can't allocate memory",
      "ERR_OUT_OF_MEMORY",
      /gave no more memory/,
    ],
    ["Could not load /a/b.so: failed to map segment from shared object", "ERR_OUT_OF_MEMORY", /memory/],
    ["Resource temporarily unavailable", "ERR_OUT_OF_THREADS", /gave no more threads\. .*ulimit -u/],
    [
      "Could not load /a/b.so: failed to map segment from shared object: Operation not permitted",
      "ERR_MODEL_LOAD",
      /Operation not permitted/,
    ],
  ])("%j is translated to what it is", (raw, code, message) => {
    const error = nativeError("ERR_MODEL_LOAD", "The model could not be loaded", raw);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), cause: { message: raw } });
  });

  it("of calls that throw is translated too; other errors stay", () => {
    const thrown = nativeFailure(
      "ERR_MODEL_LOAD",
      "It failed",
      new Error("Resource temporarily unavailable"),
    );
    expect(thrown).toMatchObject({ code: "ERR_OUT_OF_THREADS" });
    const missing = Object.assign(new Error("no such file"), { code: "ENOENT" });
    const ours = nativeError("ERR_DEVICE", "It failed", "x");
    for (const error of [ours, outOfRange("a", "b", 1), missing, null, 7]) {
      expect(nativeFailure("ERR_MODEL_LOAD", "It failed", error)).toBe(error);
    }
  });
});

test("an error that the addon knows keeps its code and its words", () => {
  const thrown = Object.assign(new Error("The tokenizer was closed."), { code: "ERR_CLOSED" });
  const error = nativeFailure("ERR_NATIVE", "It failed", thrown);
  expect(error).toBeInstanceOf(OpenVinoLlmError);
  expect(error).toMatchObject({ code: "ERR_CLOSED", message: "The tokenizer was closed." });
});
