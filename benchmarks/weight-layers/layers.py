"""The weight layers of a language model alone, in every format and arithmetic. Prints one JSON object per line.

Usage: layers.py JSON, an object with format, layers, tokens (numbers of them in a step) and repetitions.
"""

import json
import sys
import time

import numpy as np
import openvino as ov
from openvino import opset13 as op

HIDDEN, FEED_FORWARD = 2048, 8192
# From so many tokens on, the model that has both branches takes the one in bf16.
MANY_TOKENS = 24
# bits, values per scale (None: a whole row)
FORMATS = {
    "int8 by rows": (8, None),
    "int8 in groups of 32": (8, 32),
    "int4 by rows": (4, None),
    "int4 in groups of 128": (4, 128),
    "int4 in groups of 32": (4, 32),
}


def draw(rows, columns, bits, group, seed):
    """Unsigned weights, zero points in the middle, scales that keep activations in size."""
    kind = ov.Type.u4 if bits == 4 else ov.Type.u8
    shape = [rows, columns // group, group] if group else [rows, columns]
    weights = ov.Tensor(kind, ov.Shape(shape))
    noise = np.random.default_rng(seed).integers(0, 256, size=rows * columns * bits // 8, dtype=np.uint16)
    weights.data.view(np.uint8).reshape(-1)[:] = noise
    zeros = ov.Tensor(kind, ov.Shape(shape[:-1] + [1]))
    zeros.data.view(np.uint8).reshape(-1)[:] = 0x88 if bits == 4 else 128
    scales = np.full(shape[:-1] + [1], 0.5 / 2**bits / np.sqrt(columns), dtype=np.float32)
    return weights, zeros, scales, [rows, columns]


def unpacked(drawn, precision):
    """The constants as a model has them: converted, moved, scaled."""
    weights, zeros, scales, shape = drawn
    half = "bf16" if precision == "bf16" else "f16"
    moved = op.subtract(op.convert(op.constant(weights, shared_memory=True), half), op.convert(op.constant(zeros), half))
    scale = op.constant(scales, dtype=ov.Type.bf16) if half == "bf16" else op.constant(scales.astype(np.float16))
    flat = op.reshape(op.multiply(moved, scale), op.constant(np.array(shape, dtype=np.int64)), False)
    return flat if half == "bf16" else op.convert(flat, "f32")


def feed_forward(hidden, drawn, precision):
    up, down = drawn
    begin = op.convert(hidden, "bf16") if precision == "bf16" else hidden
    gate = op.matmul(begin, unpacked(up, precision), False, True)
    out = op.matmul(op.multiply(gate, op.sigmoid(gate)), unpacked(down, precision), False, True)
    return op.convert(out, "f32") if precision == "bf16" else out


def both_branches(many, hidden, drawn):
    """In f32 for few tokens, in bf16 for many."""
    bodies = []
    for precision in ("bf16", "f32"):
        inside = op.parameter([-1, -1, HIDDEN], np.float32)
        result = op.result(feed_forward(inside, drawn, precision))
        bodies.append((ov.Model([result], [inside], precision), inside, result))
    (then_body, then_in, then_out), (else_body, else_in, else_out) = bodies
    choice = op.if_op(many.output(0))
    choice.set_then_body(then_body)
    choice.set_else_body(else_body)
    choice.set_input(hidden.output(0), then_in, else_in)
    return choice.set_output(then_out, else_out)


def build(layers, branches):
    hidden = first = op.parameter([-1, -1, HIDDEN], np.float32)
    length = op.gather(op.shape_of(first, "i64"), op.constant(np.array([1])), op.constant(np.int64(0)))
    many = op.greater_equal(length, op.constant(np.array([MANY_TOKENS])))
    for drawn in layers:
        out = both_branches(many, hidden, drawn) if branches else feed_forward(hidden, drawn, "f32")
        hidden = op.add(hidden, out)
    return ov.Model([op.result(hidden)], [first], "layers")


def resident_mib():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096 / 2**20


def relative_error(out, reference):
    return float(np.sqrt(((out - reference) ** 2).mean() / (reference**2).mean()))


def main():
    trial = json.loads(sys.argv[1])
    bits, group = FORMATS[trial["format"]]
    layers = [
        (draw(FEED_FORWARD, HIDDEN, bits, group, 2 * i), draw(HIDDEN, FEED_FORWARD, bits, group, 2 * i + 1))
        for i in range(trial["layers"])
    ]
    f32 = {"INFERENCE_PRECISION_HINT": "f32"}
    dynamic = {**f32, "DYNAMIC_QUANTIZATION_GROUP_SIZE": str(min(group or 128, 128))}
    arms = {
        "f32": ({**f32, "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}, False),
        "default": ({}, False),
        "dynamic": (dynamic, False),
        "branches": (dynamic, True),
    }
    core, requests = ov.Core(), {}
    longest = np.random.default_rng(0).standard_normal((1, max(trial["tokens"]), HIDDEN)).astype(np.float32)
    for name, (properties, branches) in arms.items():
        before = resident_mib()
        compiled = core.compile_model(build(layers, branches), "CPU", {**properties, "PERF_COUNT": "YES"})
        requests[name] = compiled.create_infer_request()
        for tokens in (1, max(trial["tokens"])):
            requests[name].infer({0: longest[:, :tokens]})
        print(json.dumps({"part": "memory", "arm": name, "mib": resident_mib() - before}), flush=True)
    for tokens in trial["tokens"]:
        times, outs = {name: [] for name in requests}, {}
        for _ in range(trial["repetitions"]):
            for name, request in requests.items():
                began = time.perf_counter()
                request.infer({0: longest[:, :tokens]})
                times[name].append((time.perf_counter() - began) * 1e3)
                outs[name] = request.get_output_tensor(0).data.copy()
        for name, request in requests.items():
            layer = next((n for n in request.profiling_info if n.node_type.startswith(("FullyConnected", "MatMul", "If"))))
            row = {
                "part": "time",
                "arm": name,
                "tokens": tokens,
                "ms": times[name],
                "kernel": layer.exec_type,
                "error": relative_error(outs[name], outs["f32"]),
            }
            print(json.dumps(row), flush=True)


main()
