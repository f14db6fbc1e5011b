import { expect, it } from "vitest";
import { LLMPipeline } from "../../lib/index.js";
import { resolveModel } from "../../lib/models/store/resolve.js";
import { chainModel } from "../helpers/chain.js";
import {
  byteFallbackDetokenizer,
  DETOKENIZER_VOCABULARY_SIZE,
  sentencePieceDetokenizer,
} from "../helpers/detokenizer-ir.js";
import { runProbe } from "../helpers/probe.js";

/** What text_probe counts: sequences, and streams that share a batch, whose text is not the tokenizer's own. */
const EQUAL = {
  randomMismatches: 0,
  textMismatches: 0,
  byDecodeMismatches: 0,
  batchMismatches: 0,
  streamMismatches: 0,
  splitMismatches: 0,
  stopMismatches: 0,
};

it("text made from the chain model's vocabulary, and by decoding, is what the tokenizer decodes", async () => {
  const llm = await LLMPipeline.load(await chainModel());
  await llm.close();
  expect(await runProbe("text_probe", [llm.model.path, "300"])).toMatchObject({
    ...EQUAL,
    proved: true,
    vocabulary: 288,
  });
});

it("text made from SmolLM2's vocabulary, and by decoding, is what the tokenizer decodes", async () => {
  const model = await resolveModel("smollm2-135m-instruct");
  const dir = model.kind === "ir" ? model.dir : "";
  const counted = await runProbe("text_probe", [dir, "300"]);
  expect(counted).toMatchObject({ ...EQUAL, proved: true, vocabulary: 49152 });
  expect(counted).toHaveProperty(
    "split",
    expect.toSatisfy((count: number) => count > 100),
  );
});

it("text made from a byte-fallback vocabulary, and by decoding, is what the tokenizer decodes", async () => {
  const counted = await runProbe("text_probe", [byteFallbackDetokenizer(), "100"]);
  expect(counted).toMatchObject({ ...EQUAL, proved: true, vocabulary: DETOKENIZER_VOCABULARY_SIZE });
});

it("text made by decoding is what SentencePiece decodes, whose vocabulary cannot be read", async () => {
  const args = [sentencePieceDetokenizer(), "100", String(DETOKENIZER_VOCABULARY_SIZE)];
  expect(await runProbe("text_probe", args)).toMatchObject({ ...EQUAL, proved: false });
});
