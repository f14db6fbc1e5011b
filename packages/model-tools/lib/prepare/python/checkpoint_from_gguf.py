"""A checkpoint as Hugging Face keeps it, from a GGUF file: weights by transformers, the tokenizer rebuilt here.

The tokenizer that transformers makes of a GGUF file takes some models for others and then splits words wrongly.
"""

import os

CONTROL, USER_DEFINED = 3, 4  # kinds of tokens in GGUF

# How a text is cut before byte pairs are merged, by the name in `tokenizer.ggml.pre`.
WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
ONE_DIGIT = f"{CONTRACTIONS}|{WORDS}|\\p{{N}}|{REST}"
THREE_DIGITS = f"{CONTRACTIONS}|{WORDS}|\\p{{N}}{{1,3}}|{REST}"


class UnknownTokenizer(Exception):
    """The text of a model whose tokenizer cannot be rebuilt would be wrong without a sign."""


def run(job, report):
    import torch
    from gguf import GGUFReader
    from transformers import AutoModelForCausalLM

    from report import follow_bars

    path, output = job["gguf"], job["output"]
    report.phase("checkpoint")
    follow_bars(report)
    tokenizer = rebuild_tokenizer(Fields(GGUFReader(path)))
    folder, name = os.path.split(path)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float16)
    for config in (model.config, model.generation_config):
        config.bos_token_id = tokenizer.bos_token_id
        config.eos_token_id = tokenizer.eos_token_id
        config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    return None


class Fields:
    """The metadata of a GGUF file."""

    def __init__(self, reader):
        self._fields = reader.fields

    def get(self, name, default=None):
        field = self._fields.get(name)
        return default if field is None else field.contents()


def rebuild_tokenizer(fields):
    from tokenizers import AddedToken, Tokenizer, decoders, models, processors
    from transformers import PreTrainedTokenizerFast

    kind, pre = fields.get("tokenizer.ggml.model"), fields.get("tokenizer.ggml.pre", "default")
    if kind != "gpt2":
        raise UnknownTokenizer(f"tokenizer.ggml.model is {kind!r}: only byte-level BPE (gpt2) can be rebuilt")
    normalizer, cut, takes_whole_words = cutting(pre)

    tokens = fields.get("tokenizer.ggml.tokens")
    kinds = fields.get("tokenizer.ggml.token_type")
    merges = [tuple(merge.split(" ")) for merge in fields.get("tokenizer.ggml.merges")]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=takes_whole_words))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    for token, token_kind in zip(tokens, kinds):
        if token_kind in (CONTROL, USER_DEFINED):
            added = AddedToken(token, special=token_kind == CONTROL, normalized=False)
            tokenizer.add_special_tokens([added]) if token_kind == CONTROL else tokenizer.add_tokens([added])

    def named(role):
        number = fields.get(f"tokenizer.ggml.{role}_token_id")
        return None if number is None else tokens[number]

    roles = {"bos": "bos", "eos": "eos", "unknown": "unk", "padding": "pad"}
    names = {f"{short}_token": named(role) for role, short in roles.items() if named(role) is not None}
    if fields.get("tokenizer.ggml.add_bos_token", takes_whole_words) and "bos_token" in names:
        bos = names["bos_token"]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, vocabulary[bos])]
        )
    architecture = fields.get("general.architecture")
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        clean_up_tokenization_spaces=False,
        model_max_length=int(fields.get(f"{architecture}.context_length", 2**30)),
        **names,
    )
    made.chat_template = fields.get("tokenizer.chat_template")
    return made


def cutting(pre):
    """Normalizer, pre-tokenizer, and whether a word of the vocabulary is taken whole before any merge."""
    from tokenizers import Regex, normalizers
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence, Split

    def by(pattern):
        split = Split(Regex(pattern), "isolated")
        return Sequence([split, ByteLevel(add_prefix_space=False, use_regex=False)])

    if pre == "smollm":
        return None, Sequence([Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]), False
    if pre == "qwen2":
        return normalizers.NFC(), by(ONE_DIGIT), False
    if pre in ("llama-bpe", "llama3", "llama-v3"):
        return None, by(THREE_DIGITS), True
    if pre == "gpt-2":
        return None, ByteLevel(add_prefix_space=False), False
    raise UnknownTokenizer(
        f"tokenizer.ggml.pre is {pre!r}: how this model cuts its text is known for smollm, qwen2, llama-bpe and gpt-2"
    )
