import { expect, test } from "vitest";
import { environmentFailure, stageFailure } from "../../../lib/prepare/failures.js";
import { RunLog } from "../../../lib/prepare/run-log.js";
import type { Ended } from "../../../lib/prepare/stage.js";

const RUN = { source: "owner/model", neededMemoryBytes: 12.5e9 };

function ended(types: string[], message: string): Ended {
  return { code: 1, signal: null, error: { types, message }, value: undefined, peakMemoryBytes: null };
}

test.each<[string, string[], string, string, RegExp]>([
  [
    "a full disk",
    ["OSError"],
    "[Errno 28] No space left on device",
    "ERR_DISK_FULL",
    /disk became full.*OPENVINO_LLM_CACHE/,
  ],
  ["no memory", ["MemoryError"], "", "ERR_OUT_OF_MEMORY", /about 12\.5 GB/],
  [
    "an unknown model",
    ["RepositoryNotFoundError", "HfHubHTTPError"],
    "404 Client Error",
    "ERR_MODEL_NOT_FOUND",
    /no model owner\/model/,
  ],
  [
    "a gated model",
    ["GatedRepoError", "RepositoryNotFoundError"],
    "403",
    "ERR_DOWNLOAD",
    /Accept it .*HF_TOKEN/,
  ],
  [
    "no network",
    ["ConnectError", "TransportError"],
    "[Errno -3] Temporary failure in name resolution",
    "ERR_DOWNLOAD",
    /owner\/model could not be downloaded.*name resolution.*HTTPS_PROXY/,
  ],
  [
    "a data set out of reach",
    ["DatasetUnavailable"],
    "Couldn't reach 'Salesforce/wikitext' on the Hub (x)",
    "ERR_DOWNLOAD",
    /--dataset path\.txt/,
  ],
  [
    "a group size",
    ["InvalidGroupSizeError"],
    "Failed to apply group-wise quantization with group size value 128",
    "ERR_MODEL_LOAD",
    /--group-size 64.*--group-size-fallback adjust/,
  ],
  [
    "an unknown tokenizer",
    ["UnknownTokenizer"],
    "tokenizer.ggml.pre is 'x'",
    "ERR_MODEL_LOAD",
    /tokenizer of owner\/model cannot be rebuilt: tokenizer\.ggml\.pre is 'x'/,
  ],
  ["damaged weights", ["SafetensorError"], "Error while deserializing header", "ERR_MODEL_LOAD", /damaged/],
  [
    "code in the checkpoint",
    ["ValueError"],
    "requires you to execute the modeling file; set trust_remote_code=True",
    "ERR_MODEL_LOAD",
    /--trust-remote-code/,
  ],
  [
    "anything else",
    ["ValueError"],
    "Trying to export a x model\nand more",
    "ERR_MODEL_LOAD",
    /could not prepare owner\/model: ValueError: Trying to export a x model\./,
  ],
])("%s is explained with what to do", (_, types, message, code, pattern) => {
  const error = stageFailure(ended(types, message), RUN, new RunLog("/nowhere/log"));
  expect(error).toMatchObject({ code, message: expect.stringMatching(pattern) });
  expect(error.message).not.toContain("/nowhere/log");
});

test("a process that was killed is distinguished from one that failed", () => {
  const killed: Ended = {
    code: null,
    signal: "SIGKILL",
    error: null,
    value: undefined,
    peakMemoryBytes: null,
  };
  expect(stageFailure(killed, RUN, new RunLog("/nowhere/log")).message).toMatch(
    /memory ran out.*about 12\.5 GB/,
  );
});

test.each<[string, RegExp, string?]>([
  [
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    /disk is full/,
    "ERR_DISK_FULL",
  ],
  ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", /pinned sha256/],
  ["/usr/bin/python3: No module named pip", /python3 cannot make one that has pip.*python3-venv/],
  [
    "ERROR: No matching distribution found for torch==2.15.0",
    /No matching distribution found for torch==2\.15\.0\. Check the network/,
  ],
])("pip's %s is explained", (line, pattern, code = "ERR_DOWNLOAD") => {
  const log = new RunLog("/nowhere/log");
  log.write(line);
  expect(environmentFailure(ended(["x"], "y"), log, "python3")).toMatchObject({
    code,
    message: expect.stringMatching(pattern),
  });
});
