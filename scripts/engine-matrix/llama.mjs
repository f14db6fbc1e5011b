/** A small llama with random weights, as a GGUF file that GenAI loads: any geometry, any seed. */
import { chainModelContent } from "../../dist/models/gguf/chain-model.js";
import { randomNumbers } from "../random-numbers.mjs";

/** A geometry that no known fault of the engine touches, as far as it does not say otherwise. */
export const GEOMETRY = {
  hidden: 128,
  heads: 4,
  kvHeads: 2,
  headSize: 32,
  intermediate: 128,
  layers: 2,
  seed: 1,
};

/** A short name for a geometry, unlike that of any other. */
export function geometryName({ hidden, heads, kvHeads, headSize, intermediate, layers, seed }) {
  return `llama-${hidden}-${heads}x${kvHeads}x${headSize}-${intermediate}-${layers}-${seed}`;
}

/** Tokenizer and template are the chain model's; its metadata about sizes is replaced. */
export function randomLlama(geometry) {
  const { hidden, heads, kvHeads, headSize, intermediate, layers, seed } = geometry;
  const chain = chainModelContent();
  const vocabulary = chain.metadata["llama.vocab_size"].value;
  const uint32 = (value) => ({ type: "uint32", value });
  const normal = normalNumbers(seed);
  // Products of normalised inputs stay about 1, whatever is summed; the residual stream grows a little by each layer.
  const matrix = (name, rows, columns, scale = 1) => ({
    name,
    shape: [columns, rows],
    type: "F16",
    data: float16(rows * columns, () => (normal() * scale) / Math.sqrt(columns)),
  });
  const norm = (name) => ({
    name,
    shape: [hidden],
    type: "F32",
    data: float32(hidden, () => 1 + 0.1 * normal()),
  });
  return {
    metadata: {
      ...chain.metadata,
      "general.name": { type: "string", value: "random" },
      "llama.block_count": uint32(layers),
      "llama.embedding_length": uint32(hidden),
      "llama.feed_forward_length": uint32(intermediate),
      "llama.attention.head_count": uint32(heads),
      "llama.attention.head_count_kv": uint32(kvHeads),
      "llama.attention.key_length": uint32(headSize),
      "llama.attention.value_length": uint32(headSize),
      "llama.rope.dimension_count": uint32(headSize),
    },
    tensors: [
      matrix("token_embd.weight", vocabulary, hidden, Math.sqrt(hidden)),
      ...Array.from({ length: layers }, (_, layer) => `blk.${layer}`).flatMap((block) => [
        norm(`${block}.attn_norm.weight`),
        // Sharper attention than that of equal scores, so that the key cache matters.
        matrix(`${block}.attn_q.weight`, heads * headSize, hidden, 1.5),
        matrix(`${block}.attn_k.weight`, kvHeads * headSize, hidden, 1.5),
        matrix(`${block}.attn_v.weight`, kvHeads * headSize, hidden),
        matrix(`${block}.attn_output.weight`, hidden, heads * headSize),
        norm(`${block}.ffn_norm.weight`),
        matrix(`${block}.ffn_gate.weight`, intermediate, hidden, 1.5),
        matrix(`${block}.ffn_up.weight`, intermediate, hidden, 1.5),
        matrix(`${block}.ffn_down.weight`, hidden, intermediate),
      ]),
      norm("output_norm.weight"),
      matrix("output.weight", vocabulary, hidden, 3),
    ],
  };
}

/** Normally distributed numbers that a seed fixes (Box and Muller). */
function normalNumbers(seed) {
  const random = randomNumbers(seed);
  const uniform = () => random() + 0.5 / 2 ** 32; // never 0, which has no logarithm
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

function float32(count, next) {
  const data = Buffer.alloc(count * 4);
  for (let i = 0; i < count; i++) data.writeFloatLE(next(), i * 4);
  return data;
}

/** Cut to 11 bits of mantissa; what is below the normal range becomes 0. */
function float16(count, next) {
  const data = Buffer.alloc(count * 2);
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let i = 0; i < count; i++) {
    value[0] = next();
    const exponent = ((bits[0] >>> 23) & 0xff) - 127 + 15;
    const sign = (bits[0] >>> 16) & 0x8000;
    data.writeUInt16LE(exponent < 1 ? sign : sign | (exponent << 10) | ((bits[0] >>> 13) & 0x3ff), i * 2);
  }
  return data;
}
