"""What Hugging Face's tokenizers make of texts, for each way of cutting them that GGUF files name.

Reads JSON from stdin: {"train": [text], "size": tokens, "words": [text], "added": [[text, kind]], "texts": [text]}, or with
"vocabulary" in place of the first four, and writes {"vocabulary": {tokens, kinds, merges}, "ids": {pre: [[id]]}}.
"""

import json
import sys

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, trainers
from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence, Split

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5

CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
WORD = r"[^\r\n\p{L}\p{N}]?\p{L}+"
REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN_2 = rf"{CONTRACTION}|{WORD}|\p{{N}}|{REST}"
LLAMA_3 = rf"{CONTRACTION}|{WORD}|\p{{N}}{{1,3}}|{REST}"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CASED_REST = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
TEKKEN = rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*|\p{{N}}|{CASED_REST}"
GPT_4O = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTION}?|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTION}?|"
    rf"\p{{N}}{{1,3}}|{CASED_REST}"
)
SEED_CODER = rf"{CONTRACTION}|{WORD}|\p{{N}}{{1}}| ?[^\s\p{{L}}\p{{N}}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"
DEEPSEEK_V3 = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"
    r" ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def cut(*patterns):
    splits = [Split(Regex(pattern), "isolated") for pattern in patterns]
    return Sequence([*splits, ByteLevel(add_prefix_space=False, use_regex=False)])


GPT_2 = ByteLevel(add_prefix_space=False)
DIGITS = Sequence([Digits(individual_digits=True), GPT_2])
CODER = Sequence(
    [
        *[Split(Regex(pattern), "isolated") for pattern in (r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+")],
        Digits(individual_digits=True),
        ByteLevel(add_prefix_space=False, use_regex=False),
    ]
)
NFC = normalizers.NFC()
LLAMA = (None, cut(LLAMA_3), True)

# Normalizer, pre-tokenizer, and whether a piece of the vocabulary is taken whole (`ignore_merges`).
RULES = {
    "gpt-2": (None, GPT_2, False),
    "phi-2": (None, GPT_2, False),
    "olmo": (NFC, GPT_2, False),
    "smollm": (None, DIGITS, False),
    "starcoder": (None, DIGITS, False),
    "refact": (None, DIGITS, False),
    "command-r": (NFC, DIGITS, False),
    "qwen2": (NFC, cut(QWEN_2), False),
    "deepseek-r1-qwen": (NFC, cut(QWEN_2), False),
    "llama-bpe": LLAMA,
    "llama3": LLAMA,
    "llama-v3": LLAMA,
    "falcon3": LLAMA,
    "smaug-bpe": (None, cut(LLAMA_3), False),
    "dbrx": (None, cut(LLAMA_3), False),
    "tekken": (None, cut(TEKKEN), True),
    "gpt-4o": (None, cut(GPT_4O), False),
    "seed-coder": (None, cut(SEED_CODER), False),
    "deepseek-coder": (None, CODER, False),
    "deepseek-v3": (None, cut(r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK_V3), False),
}


def trained(job):
    """A vocabulary whose merges know no words, so that every cut shows in the ids."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)
    trainer = trainers.BpeTrainer(
        vocab_size=job["size"], initial_alphabet=ByteLevel.alphabet(), show_progress=False, min_frequency=1
    )
    tokenizer.train_from_iterator(job["train"], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    merges = [" ".join(merge) for merge in model["merges"]]
    known = set(tokens)
    # Words that come last among the merges, so that others often get in their way, and one that no merge makes.
    for word in job["words"]:
        spelled = "".join(piece for piece, _ in tokenizer.pre_tokenizer.pre_tokenize_str(word))
        if spelled in known:
            continue
        halves = [(spelled[:i], spelled[i:]) for i in range(1, len(spelled))]
        halves = [(a, b) for a, b in halves if a in known and b in known]
        if halves:
            merges.append(" ".join(halves[len(halves) // 2]))
        tokens.append(spelled)
        known.add(spelled)
    kinds = [NORMAL] * len(tokens)
    for text, kind in job["added"]:
        tokens.append(text)
        kinds.append(kind)
    return {"tokens": tokens, "kinds": kinds, "merges": merges}


def tokenizer_of(vocabulary, pre):
    normalizer, pre_tokenizer, takes_whole_words = RULES[pre]
    rows = list(zip(vocabulary["tokens"], vocabulary["kinds"]))
    vocab = {token: number for number, (token, kind) in enumerate(rows) if kind != UNUSED}
    merges = [tuple(merge.split(" ")) for merge in vocabulary["merges"]]
    tokenizer = Tokenizer(models.BPE(vocab, merges, ignore_merges=takes_whole_words))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    for token, kind in rows:
        if kind == CONTROL:
            tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False)])
        elif kind == USER_DEFINED:
            tokenizer.add_tokens([AddedToken(token, special=False, normalized=False)])
    return tokenizer


def main():
    job = json.load(sys.stdin)
    vocabulary = job.get("vocabulary") or trained(job)
    ids = {}
    for pre in job.get("pres") or RULES:
        tokenizer = tokenizer_of(vocabulary, pre)
        ids[pre] = [encoding.ids for encoding in tokenizer.encode_batch(job["texts"])]
    json.dump({"vocabulary": vocabulary, "ids": ids}, sys.stdout)


main()
