"""What models say of a text, token by token, beside the first of them. JSON on standard output.

    evaluate.py TEXT WINDOW MODEL...

Every window of the text is one prompt. For each token but the first of a window: minus the logarithm of the probability
that the model gave it, whether the most probable token is the first model's, and the Kullback-Leibler divergence of the
model's probabilities from the first model's. The properties are those that the CPU plugin chooses.
"""

import json
import sys

import numpy as np
import openvino as ov
from tokenizers import Tokenizer


def log_probabilities(model, windows):
    """For each window: rows of natural logarithms, one for each token that has a next one."""
    request = ov.Core().compile_model(f"{model}/openvino_model.xml", "CPU").create_infer_request()
    names = {name for port in request.model_inputs for name in port.names}
    found = []
    for ids in windows:
        request.reset_state()
        length = len(ids)
        inputs = {
            "input_ids": np.array([ids], dtype=np.int64),
            "attention_mask": np.ones((1, length), dtype=np.int64),
            "position_ids": np.arange(length, dtype=np.int64)[None],
            "beam_idx": np.zeros(1, dtype=np.int32),
        }
        logits = request.infer({name: value for name, value in inputs.items() if name in names})["logits"]
        rows = logits[0, :-1].astype(np.float32)
        rows -= rows.max(axis=1, keepdims=True)
        rows -= np.log(np.exp(rows).sum(axis=1, keepdims=True))
        found.append(rows)
    return found


def main(text, window, *models):
    with open(text, encoding="utf-8") as file:
        ids = Tokenizer.from_file(f"{models[0]}/tokenizer.json").encode(file.read()).ids
    windows = [ids[start : start + int(window)] for start in range(0, len(ids), int(window))]
    windows = [part for part in windows if len(part) > 1]
    reference = None
    answers = []
    for model in models:
        found = log_probabilities(model, windows)
        reference = reference or found
        answer = {"losses": [], "agrees": [], "divergences": []}
        for part, rows, first in zip(windows, found, reference):
            answer["losses"] += (-rows[np.arange(len(rows)), part[1:]]).tolist()
            answer["agrees"] += (rows.argmax(axis=1) == first.argmax(axis=1)).tolist()
            answer["divergences"] += (np.exp(first) * (first - rows)).sum(axis=1).tolist()
        answers.append(answer)
    print(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
