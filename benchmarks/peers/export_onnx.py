"""The ONNX models of benchmarks/peers for transformers.js, made from the GGUF file that the other peers load: fp32, q8 and q4.

Usage: export_onnx.py GGUF FOLDER, with the packages of requirements-onnx.txt. Nothing is downloaded.
"""

import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"

import onnx
import torch
from gguf import GGUFReader
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from optimum.exporters.onnx import main_export
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

CONTROL_TOKEN = 3
HEAD = "/lm_head/MatMul"


def field(reader, name):
    return reader.get_field(name).contents()


def tokenizer_of(gguf):
    """Made from the file's own vocabulary: transformers takes this one for CodeLlama's."""
    reader = GGUFReader(gguf)
    tokens = field(reader, "tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in field(reader, "tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE({token: id for id, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    types = field(reader, "tokenizer.ggml.token_type")
    special = [token for token, kind in zip(tokens, types) if kind == CONTROL_TOKEN]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special])
    eos = tokens[field(reader, "tokenizer.ggml.eos_token_id")]
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=eos, pad_token=eos)


def fold_transposed_weights(path):
    """The head is the embedding's table, transposed while it runs: as a weight of its own it can be quantised."""
    model = onnx.load(path)
    graph = model.graph
    weights = {weight.name: weight for weight in graph.initializer}
    for node in [node for node in graph.node if node.op_type == "Transpose" and node.input[0] in weights]:
        order = next((attribute.ints for attribute in node.attribute if attribute.name == "perm"), None)
        transposed = numpy_helper.to_array(weights[node.input[0]]).transpose(order)
        graph.initializer.append(numpy_helper.from_array(transposed.copy(), node.output[0]))
        graph.node.remove(node)
    onnx.save(model, path)


def quantize_blocks(source, target, bits, excluded=(), included=None):
    """Blocks of 32 with an offset, as in Q4_1. Level 4: the products take activations as int8, as llama.cpp does."""
    quantizer = MatMulNBitsQuantizer(
        str(source),
        bits=bits,
        block_size=32,
        is_symmetric=False,
        accuracy_level=4,
        nodes_to_exclude=list(excluded),
        nodes_to_include=included,
    )
    quantizer.process()
    quantizer.model.save_model_to_file(str(target))


def main(gguf, folder):
    gguf = Path(gguf)
    weights = folder / "hf"
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    model.save_pretrained(weights)
    tokenizer_of(gguf).save_pretrained(weights)

    main_export(
        str(weights),
        folder,
        task="text-generation-with-past",
        library_name="transformers",
        dtype="fp32",
        do_validation=False,
    )

    # Where transformers.js looks, and under the names that it gives its data types.
    onnx_folder = folder / "onnx"
    onnx_folder.mkdir()
    full = (folder / "model.onnx").rename(onnx_folder / "model.onnx")
    fold_transposed_weights(full)
    quantize_dynamic(
        full, onnx_folder / "model_quantized.onnx", op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8
    )
    # As in the GGUF file: 4 bits, and 8 for the head.
    q4 = onnx_folder / "model_q4.onnx"
    quantize_blocks(full, q4, bits=4, excluded=[HEAD])
    quantize_blocks(q4, q4, bits=8, included=[HEAD])


main(sys.argv[1], Path(sys.argv[2]))
