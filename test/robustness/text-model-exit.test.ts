import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runNode } from "../helpers/run-node.js";

const LIFE = fileURLToPath(new URL("text-model-life.mjs", import.meta.url));
const CLASSES = [
  { className: "TextEmbeddingPipeline", fixture: "tiny-bert" },
  { className: "TextRerankPipeline", fixture: "tiny-reranker" },
];
const ENDS = [
  { stage: "loading", ending: "return", code: 0, stderr: /^$/ },
  { stage: "loading", ending: "exit", code: 7, stderr: /^$/ },
  { stage: "idle", ending: "return", code: 0, stderr: /^$/ },
  { stage: "idle", ending: "throw", code: 1, stderr: /on purpose/ },
  { stage: "running", ending: "exit", code: 7, stderr: /^$/ },
  { stage: "running", ending: "throw", code: 1, stderr: /on purpose/ },
  { stage: "closing", ending: "return", code: 0, stderr: /^$/ },
  { stage: "closing", ending: "exit", code: 7, stderr: /^$/ },
];

describe.each(CLASSES)("$className", ({ className, fixture }) => {
  const model = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));

  it.each(ENDS)("a process ends while it is $stage, by $ending", async ({ stage, ending, code, stderr }) => {
    const ended = await runNode([LIFE, className, model, stage, ending, "main"]);
    expect(ended).toMatchObject({ code, signal: null, stdout: "" });
    expect(ended.stderr).toMatch(stderr);
    expect(ended.stderr).not.toMatch(/terminate called|Segmentation|FATAL/);
  });

  it.each(["loading", "idle", "running", "closing"])(
    "a worker thread is terminated while it is %s",
    async (stage) => {
      const ended = await runNode([LIFE, className, model, stage, "terminate", "worker"]);
      expect(ended).toMatchObject({ code: 0, signal: null, stderr: "", stdout: "worker exit 1\n" });
    },
  );
});
