/**
 * The child process of the matrix: runs cases in their order and says so before each, because some end the process.
 * Guards of the library are not in the way: models are opened by the native classes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { openBinding } from "../../dist/native/binding.js";
import { NativePipeline } from "../../dist/native/native-pipeline.js";
import { resolveGenerationConfig } from "../../dist/options/generation-config.js";
import { toNativeConfig } from "../../dist/options/native-config.js";
import { resolveSchedulerOptions } from "../../dist/options/resolve-scheduler-options.js";
import { compareLogits, deficits } from "./compare.mjs";
import { REFERENCE } from "./cases.mjs";

process.on("message", (cases) => void runAll(cases));

async function runAll(cases) {
  for (const one of cases) {
    process.send({ started: one.id });
    const result = await (one.pipeline === undefined ? logits(one) : generate(one)).catch((error) => ({
      error: error.message,
    }));
    process.send({ done: one.id, ...result });
  }
  process.disconnect();
}

function feed({ dir, graph, tokenIds, decodes = 0, sequences = 0 }, properties) {
  return openBinding().core.modelLogits({
    path: dir,
    device: "CPU",
    properties: Object.entries(properties),
    graph: graph ?? "paged",
    tokenIds,
    decodes,
    sequences,
  });
}

/** The reference is written to its file; whatever else is compared with it. */
async function logits(one) {
  const { logits: values, vocabSize } = await feed(one, one.properties);
  if (one.isReference) {
    writeFileSync(one.reference, new Uint8Array(values.buffer));
    return {};
  }
  const bytes = readFileSync(one.reference);
  const reference = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const prompt = one.tokenIds.length - one.decodes - one.sequences;
  return compareLogits(values, reference, vocabSize, [prompt, prompt + one.decodes, one.tokenIds.length]);
}

/** Greedy tokens of a pipeline, and by how much each is worse than the best one in f32 behind the same tokens. */
async function generate(one) {
  const tokens = await answer(one);
  // Token by token, as they were made: the graph of Phi-3 reads a long prompt with other positions than a short one.
  const fed = { tokenIds: [...one.tokenIds, ...tokens.slice(0, -1)], decodes: tokens.length - 1 };
  const { logits: reference, vocabSize } = await feed({ dir: one.dir, ...fed }, REFERENCE);
  const first = (one.tokenIds.length - 1) * vocabSize;
  return { tokens: tokens.length, deficits: deficits(reference.subarray(first), vocabSize, tokens) };
}

async function answer({ dir, pipeline: kind, properties, tokenIds, newTokens }) {
  const pipeline = new NativePipeline({
    path: dir,
    device: "CPU",
    properties: Object.entries({ ...properties, ...(kind === "llm-sdpa" && { ATTENTION_BACKEND: "SDPA" }) }),
    maxQueue: null,
    scheduler: kind === "batching" ? resolveSchedulerOptions({}) : null,
  });
  try {
    await pipeline.loaded;
    const limits = { contextLength: null, promptTokens: tokenIds.length };
    const config = resolveGenerationConfig(
      { call: { ignoreEos: true, temperature: 0, maxNewTokens: newTokens } },
      limits,
    );
    const tokens = [];
    await new Promise((resolve, reject) => {
      const request = {
        prompt: { kind: "ids", ids: Int32Array.from(tokenIds) },
        config: toNativeConfig(config),
        maxNewTokens: newTokens,
        totalTokens: 0,
        stopStrings: [],
        includeStopStrInOutput: false,
        tokensAwaited: false,
        endTokenIds: [],
        priority: 0,
      };
      pipeline.submit(request, {
        taken: () => {},
        tokens: (_producedMs, _text, ids) => tokens.push(...ids),
        finished: resolve,
        failed: reject,
      });
    });
    return tokens;
  } finally {
    await pipeline.close();
  }
}
