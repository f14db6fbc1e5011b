"""A checkpoint to OpenVINO IR, by the command `optimum-cli export openvino` itself."""

import argparse
import functools
import re

C4 = {"data_files": {"train": "en/c4-train.00000-of-01024.json.gz"}}

# What the exporter loads from the hub for a name, after everything else.
DATASETS = {
    "wikitext2": ("Salesforce/wikitext", {"name": "wikitext-2-raw-v1"}),
    "gsm8k": ("openai/gsm8k", {"name": "main"}),
    "c4": ("allenai/c4", C4),
    "c4-new": ("allenai/c4", C4),
}

OPTION_VALUES = {
    "_StoreAction": "value",
    "_StoreTrueAction": "flag",
}


class DatasetUnavailable(Exception):
    """The data set to calibrate with cannot be had."""


def parser():
    from optimum.commands.export.openvino import parse_args_openvino

    command = argparse.ArgumentParser(prog="optimum-cli export openvino", add_help=False, exit_on_error=False)
    command.error = refuse
    parse_args_openvino(command)
    return command


def refuse(message):
    raise argparse.ArgumentError(None, message)


def options(job, report):
    """Every option of the command, for the test that compares them with ours."""
    return [
        {
            "flag": action.option_strings[-1],
            "kind": OPTION_VALUES[type(action).__name__],
            "choices": action.choices and list(action.choices),
        }
        for action in parser()._actions
        if action.option_strings
    ]


def run(job, report):
    """`arguments` are the command's own. `samples`, where it is given, is a text file that takes the dataset's place."""
    from optimum.commands.export.openvino import OVExportCommand

    from report import follow_bars

    command = parser()
    arguments = command.parse_args(job["arguments"])
    if job["samples"] is not None:
        # The command takes names of data sets only, the configuration that it makes also takes texts.
        arguments.dataset = read_samples(job["samples"])
    else:
        load_dataset_first(arguments.dataset, report)
    follow_bars(report)
    follow_phases(report)
    OVExportCommand(None, args=arguments, from_defaults_factory=True, parser=command).run()
    return None


def load_dataset_first(name, report):
    """Into the hub's cache: a data set that cannot be had shall not cost the time of an export."""
    known = DATASETS.get((name or "").split(":")[0])
    if known is not None:
        from datasets import load_dataset

        report.phase("dataset")
        try:
            load_dataset(known[0], split="train", **known[1])
        except Exception as error:
            raise DatasetUnavailable(f"{known[0]}: {error}") from error


def read_samples(path):
    """The paragraphs of a text."""
    with open(path, encoding="utf-8") as file:
        paragraphs = [paragraph.strip() for paragraph in re.split(r"\n\s*\n", file.read())]
    return [paragraph for paragraph in paragraphs if paragraph]


def follow_phases(report):
    """Says when the command comes to its next part."""
    from optimum.exporters.openvino import __main__ as exporter
    from optimum.exporters.openvino import convert
    from optimum.intel.openvino import quantization

    report.phase("load")
    announce(report, "convert", convert, "export_from_model")
    announce(report, "tokenizer", exporter, "maybe_convert_tokenizers")
    announce(report, "quantise", exporter, "_main_quantize")
    announce(report, "quantise", quantization, "_weight_only_quantization")


def announce(report, phase, module, name):
    function = getattr(module, name)

    @functools.wraps(function)
    def announced(*args, **kwargs):
        report.phase(phase)
        return function(*args, **kwargs)

    setattr(module, name, announced)
