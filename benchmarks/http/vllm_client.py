"""vLLM's `bench serve` out of its source distribution, without the rest of vLLM, which needs torch.

    python vllm_client.py SOURCE --base-url URL …

SOURCE is the folder that has `vllm/`. What measures is vLLM's as it stands: benchmarks/serve.py, datasets.py, lib/ and the
pure Python that these use. Only what a prompt of text has no part in is given here, under its names: images, LoRA adapters,
and the tokenizer, which counts the tokens of prompts before anything is measured; the server is asked for those.
"""

import argparse
import json
import sys
import types
import urllib.request
from pathlib import Path


def main() -> None:
    source, *arguments = sys.argv[1:]
    for name in ("vllm", "vllm.utils", "vllm.lora"):
        add_package(name, Path(source))
    add_module("vllm.lora.utils", get_adapter_absolute_path=refuse)
    add_module("vllm.multimodal", MultiModalDataDict=dict)
    add_module("vllm.multimodal.image", convert_image_mode=refuse)
    base_url = arguments[arguments.index("--base-url") + 1]
    add_module("vllm.tokenizers", TokenizerLike=object, get_tokenizer=lambda *_, **__: ServerTokenizer(base_url))

    from vllm.benchmarks.serve import add_cli_args
    from vllm.benchmarks.serve import main as serve

    parser = argparse.ArgumentParser()
    add_cli_args(parser)
    serve(parser.parse_args(arguments))


def add_package(name: str, source: Path) -> None:
    """A package whose modules are found in SOURCE, and whose own `__init__`, which imports torch, is not run."""
    module = types.ModuleType(name)
    module.__path__ = [str(source.joinpath(*name.split(".")))]
    sys.modules[name] = module


def add_module(name: str, **members: object) -> None:
    module = types.ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module


def refuse(*_: object) -> None:
    raise NotImplementedError("only prompts of text")


class ServerTokenizer:
    """Counts by the server's own /tokenize."""

    def __init__(self, base_url: str) -> None:
        self.url = f"{base_url}/tokenize"

    def __call__(self, text: str, **_: object) -> types.SimpleNamespace:
        body = json.dumps({"prompt": text}).encode()
        request = urllib.request.Request(self.url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return types.SimpleNamespace(input_ids=json.load(answer)["tokens"])


main()
