/** How a model cuts its text before byte pairs are merged, and what it does to it before and after. */
export interface PreTokenizer {
  /** Patterns of PCRE2 by which the text is cut one after the other: what matches is a piece, and what lies between. */
  readonly patterns: readonly string[];
  /** Whether the text is composed first (Unicode's NFC). */
  readonly composes: boolean;
  /** Whether a piece that is in the vocabulary is one token, whatever the merges make of it. */
  readonly takesWholeWords: boolean;
  /** Whether a text begins with the beginning-of-sequence token where the file does not say. */
  readonly addsBos: boolean;
}

/**
 * White space as Oniguruma means it, by which Hugging Face's tokenizers cut; PCRE2's `\s` has U+180E in addition.
 * For use in a character class.
 */
const SPACE =
  "\\t-\\r \\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}";
/** White space up to the last one before a word, or at the end. */
const SPACES = `[${SPACE}]+(?![^${SPACE}])|[${SPACE}]+`;
const CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
const SIGNS = ` ?[^${SPACE}\\p{L}\\p{N}]+[\\r\\n]*`;
const LINES = `[${SPACE}]*[\\r\\n]+`;
/** Words by their case, as GPT-4o and Mistral's Tekken have them; `%` stands for what may follow one. */
const CASED_WORD =
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+%|" +
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*%";
const CASED_SIGNS = ` ?[^${SPACE}\\p{L}\\p{N}]+[\\r\\n/]*`;

const GPT_2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|${SPACES}`;
const QWEN_2 = `${CONTRACTION}|${WORD}|\\p{N}|${SIGNS}|${LINES}|${SPACES}`;
const LLAMA_3 = `${CONTRACTION}|${WORD}|\\p{N}{1,3}|${SIGNS}|${LINES}|${SPACES}`;
const TEKKEN = `${CASED_WORD.replaceAll("%", "")}|\\p{N}|${CASED_SIGNS}|${LINES}|${SPACES}`;
const GPT_4O = `${CASED_WORD.replaceAll("%", `${CONTRACTION}?`)}|\\p{N}{1,3}|${CASED_SIGNS}|${LINES}|${SPACES}`;
const SEED_CODER = `${CONTRACTION}|${WORD}|\\p{N}| ?[^${SPACE}\\p{L}\\p{N}\\r\\n]+|${LINES}|${SPACES}`;
const DEEPSEEK_V3 =
  `[!"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_\`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+|` +
  ` ?[\\p{P}\\p{S}]+[\\r\\n]*|${LINES}|${SPACES}`;
const CJK = "[\\x{4e00}-\\x{9fa5}\\x{3040}-\\x{309f}\\x{30a0}-\\x{30ff}]+";
const CJK_OF_CODER = "[\\x{4e00}-\\x{9fa5}\\x{800}-\\x{4e00}\\x{ac00}-\\x{d7ff}]+";

function by(patterns: readonly string[], more: Partial<PreTokenizer> = {}): PreTokenizer {
  return { patterns, composes: false, takesWholeWords: false, addsBos: false, ...more };
}

const DIGITS_ALONE = ["\\p{N}", GPT_2];
const LLAMA = by([LLAMA_3], { takesWholeWords: true, addsBos: true });

/** By llama.cpp's name, which stands in `tokenizer.ggml.pre`. Those whose rules are not known for certain are not here. */
export const PRE_TOKENIZERS: ReadonlyMap<string, PreTokenizer> = new Map([
  ["gpt-2", by([GPT_2])],
  ["phi-2", by([GPT_2])],
  ["olmo", by([GPT_2], { composes: true })],
  ["smollm", by(DIGITS_ALONE)],
  ["starcoder", by(DIGITS_ALONE)],
  ["refact", by(DIGITS_ALONE)],
  ["command-r", by(DIGITS_ALONE, { composes: true })],
  ["qwen2", by([QWEN_2], { composes: true })],
  ["deepseek-r1-qwen", by([QWEN_2], { composes: true })],
  ["llama-bpe", LLAMA],
  ["llama3", LLAMA],
  ["llama-v3", LLAMA],
  ["falcon3", LLAMA],
  ["smaug-bpe", by([LLAMA_3])],
  ["dbrx", by([LLAMA_3])],
  ["tekken", by([TEKKEN], { takesWholeWords: true, addsBos: true })],
  ["gpt-4o", by([GPT_4O])],
  ["seed-coder", by([SEED_CODER])],
  ["deepseek-coder", by(["[\\r\\n]", `[${SPACE}]?\\p{L}+`, `[${SPACE}]?\\p{P}+`, CJK_OF_CODER, "\\p{N}"])],
  ["deepseek-v3", by(["\\p{N}{1,3}", CJK, DEEPSEEK_V3])],
]);
