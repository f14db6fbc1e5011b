"""What the Python binding of the pinned wheels knows of GenAI, as JSON on standard output.

The binding was compiled with the library's true headers, so it is the judge of our declarations and tables.

  oracle.py defaults          every field of a fresh GenerationConfig
  oracle.py read FILE...      the fields that the library reads from generation_config.json files
  oracle.py validate FILE     for each config in the file, a list of [key, value]: null, or the library's refusal
  oracle.py scheduler         every field of a fresh SchedulerConfig, nested ones too
  oracle.py layout MODEL      sizes, offsets and enumerations of the types that the addon reads

pybind11 keeps the address of the C++ object behind a Python object at id(object) + 16. Offsets are found by changing
bytes of that object and looking which Python attribute changes. Where an attribute follows a pointer that is in a forked
child each time, so that a wrong guess harms nothing. Sizes come from malloc, which rounds up: 8 bytes, or up to 16 for odd multiples.
"""

import ctypes
import json
import os
import struct
import sys

import numpy
import openvino as ov
import openvino_genai as genai
from openvino_genai import py_openvino_genai as binding

SIZE_MAX = 2**64 - 1


def fields(config):
    """Every attribute of a GenerationConfig that holds data, in terms of JSON; no limit and no value are null."""
    return {
        name: plain(getattr(config, name))
        for name in dir(config)
        if not name.startswith("_") and not callable(getattr(config, name))
    }


def plain(value):
    if isinstance(value, genai.StopCriteria):
        return value.name
    if isinstance(value, (set, list)):
        return sorted(value)
    return None if value == SIZE_MAX else value


EVICTION_SIZES = ("start_size", "recent_size", "max_cache_size", "evictable_size")


def scheduler_fields(config):
    """Every attribute of a scheduler config that holds data; enumerators by name, objects as objects."""
    found = {}
    for name in dir(config):
        value = getattr(config, name)
        if name.startswith("_") or callable(value):
            continue
        is_data = value is None or isinstance(value, (bool, int, float))
        found[name] = value if is_data else getattr(value, "name", None) or scheduler_fields(value)
    if isinstance(config, genai.CacheEvictionConfig):
        found |= {name: getattr(config, "get_" + name)() for name in EVICTION_SIZES}
    return found


def read(path):
    try:
        return fields(genai.GenerationConfig(path))
    except Exception as error:
        return {"error": str(error)}


def refusal(entries):
    config = genai.GenerationConfig()
    for key, value in entries:
        if key == "stop_criteria":
            value = genai.StopCriteria(value)
        setattr(config, key, set(value) if isinstance(value, list) else value)
    try:
        config.validate()
        return None
    except Exception as error:
        return str(error)


# --- Layout

libc = ctypes.CDLL(None)
libc.malloc_usable_size.argtypes = [ctypes.c_void_p]
libc.malloc_usable_size.restype = ctypes.c_size_t


def address(instance):
    return ctypes.c_void_p.from_address(id(instance) + 16).value


def room(instance):
    """malloc gave at least this many bytes: the object's size is not above it, and at most 15 below."""
    return libc.malloc_usable_size(address(instance))


def in_child(action):
    """What `action` returns, computed in a forked child; None where that died."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            os.write(writer, json.dumps(action()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer) if answer else None


def poke(instance, offset, content):
    ctypes.memmove(address(instance) + offset, content, len(content))


def where(instance, step, content, looks):
    """For each of `looks`, the offsets at which `content` makes it true."""

    def seen_at(offset):
        poke(instance, offset, content)
        return [name for name, look in looks.items() if look()]

    found = {name: [] for name in looks}
    for offset in range(0, room(instance) - len(content) + 1, step):
        for name in in_child(lambda: seen_at(offset)) or []:
            found[name].append(offset)
    return found


keep_alive = []


def vector(ctype, values):
    """The 24 bytes of a std::vector that holds `values`."""
    array = (ctype * len(values))(*values)
    keep_alive.append(array)
    begin = ctypes.addressof(array)
    return struct.pack("QQQ", begin, begin + ctypes.sizeof(array), begin + ctypes.sizeof(array))


def floats_layout(instance, names):
    looks = {name: lambda name=name: getattr(instance, name) == 7.5 for name in names}
    return {"room": room(instance), "fields": where(instance, 4, struct.pack("f", 7.5), looks)}


def raw_metrics_layout():
    metrics = genai.RawPerfMetrics()
    names = "generate_durations tokenization_durations detokenization_durations chat_template_durations".split()
    names += "m_times_to_first_token m_durations".split()
    # Python leaves out the "m_" of these.
    shortened = "token_infer_durations inference_durations grammar_compile_times sampling_durations".split()
    python_names = {name: name for name in names} | {"m_" + name: name for name in shortened}

    def find(python_names, content, values):
        looks = {
            name: lambda python=python: list(getattr(metrics, python)) == values
            for name, python in python_names.items()
        }
        return where(metrics, 8, content, looks)

    found = find(python_names, vector(ctypes.c_float, [7.5, 8.5]), [7.5, 8.5])
    found |= find({"m_batch_sizes": "m_batch_sizes"}, vector(ctypes.c_size_t, [3, 4, 5]), [3, 4, 5])
    # Time points are nanoseconds, and Python gets milliseconds.
    nanoseconds = vector(ctypes.c_int64, [4_000_000, 9_000_000])
    found |= find({"m_new_token_times": "m_new_token_times"}, nanoseconds, [4.0, 9.0])
    return {"room": room(metrics), "fields": found}


def metrics_layout():
    metrics = genai.PerfMetrics()
    metrics.get_ttft()  # computes all figures; from now on the getters give what is kept

    def getter(name):
        return getattr(metrics, "get_" + name)

    pairs = "ttft tpot ipot throughput generate_duration inference_duration tokenization_duration".split()
    pairs += "detokenization_duration chat_template_duration sampling_duration grammar_compile_time".split()
    floats = {name: lambda name=name: getter(name)().mean == 7.5 for name in pairs}
    floats["load_time"] = lambda: metrics.get_load_time() == 7.5
    found = where(metrics, 4, struct.pack("f", 7.5), floats)
    counts = {name: lambda name=name: getter(name)() == 7_777 for name in ("num_generated_tokens", "num_input_tokens")}
    found |= where(metrics, 8, struct.pack("Q", 7_777), counts)

    def byte_at(offset):
        return ctypes.c_ubyte.from_address(address(metrics) + offset).value

    def is_set_again(offset):
        """Without the flag a getter computes everything anew and sets it."""
        poke(metrics, offset, b"\0")
        metrics.get_ttft()
        return byte_at(offset) == 1

    flags = [offset for offset in range(room(metrics)) if byte_at(offset) == 1]
    found["m_evaluated"] = [offset for offset in flags if in_child(lambda: is_set_again(offset))]
    found["grammar_compiler_init_times"] = empty_maps(metrics)
    found["raw_metrics"] = [address(metrics.raw_metrics) - address(metrics)]
    return {"room": room(metrics), "fields": found}


def empty_maps(instance):
    """An empty std::map of libstdc++ points to itself: its leftmost and rightmost nodes are its header, at 8."""
    base = address(instance)

    def word(offset):
        return ctypes.c_uint64.from_address(base + offset).value

    starts = range(0, room(instance) - 47, 8)
    return [start for start in starts if word(start + 24) == word(start + 32) == base + start + 8]


def results_layout(pipeline, prompt):
    results = pipeline.generate(prompt, max_new_tokens=3)
    length, stop = genai.GenerationFinishReason.LENGTH, genai.GenerationFinishReason.STOP
    row = struct.unpack("QQQ", vector(ctypes.c_int64, [11, 22, 33]))
    extended = binding.ExtendedPerfMetrics()
    found = {"perf_metrics": [address(results.perf_metrics) - address(results)]}
    for name, content, look in [
        ("tokens", vector(ctypes.c_uint64, row), lambda: list(map(list, results.tokens)) == [[11, 22, 33]]),
        ("scores", vector(ctypes.c_float, [7.5, 8.5]), lambda: list(results.scores) == [7.5, 8.5]),
        (
            "finish_reasons",
            vector(ctypes.c_int, [int(length), int(stop)]),
            lambda: list(results.finish_reasons) == [length, stop],
        ),
        # Shown as the very object that stands there.
        (
            "extended_perf_metrics",
            struct.pack("Q", address(extended)),
            lambda: results.extended_perf_metrics is extended,
        ),
    ]:
        found |= where(results, 8, content, {name: look})
    return {"room": room(results), "fields": found}


def inputs_layout():
    tensor = ov.Tensor(numpy.zeros((1, 1), numpy.int64))
    inputs = genai.TokenizedInputs(tensor, tensor)
    names = ("input_ids", "attention_mask")
    return {
        "room": room(inputs),
        "fields": {name: [address(getattr(inputs, name)) - address(inputs)] for name in names},
    }


def plainly_where(instance, step, content, looks):
    """The same without children, for attributes that follow no pointer."""
    found = {name: [] for name in looks}
    for offset in range(0, room(instance) - len(content) + 1, step):
        before = ctypes.string_at(address(instance) + offset, len(content))
        poke(instance, offset, content)
        for name, look in looks.items():
            if look():
                found[name].append(offset)
        poke(instance, offset, before)
    return found


def equals(instance, values):
    return {name: lambda name=name, value=value: getattr(instance, name) == value for name, value in values.items()}


def fields_layout(instance, step, content, values):
    """For attributes by name: where `content` gives them the value."""
    return plainly_where(instance, step, content, equals(instance, values))


def sizes_layout(instance, names):
    return fields_layout(instance, 8, struct.pack("Q", 7_777), dict.fromkeys(names, 7_777))


def parts_layout(instance, names):
    """Python shows a part that is an object in its place."""
    return {name: [address(getattr(instance, name)) - address(instance)] for name in names}


def kvcrush_layout():
    config = binding.KVCrushConfig()
    mode = fields_layout(config, 4, struct.pack("i", 3), {"anchor_point_mode": binding.KVCrushAnchorPointMode.MEAN})
    return {"room": room(config), "fields": sizes_layout(config, ["budget", "rng_seed"]) | mode}


def adaptive_rkv_layout():
    config = binding.AdaptiveRKVConfig()
    mass = fields_layout(config, 8, struct.pack("d", 0.25), {"attention_mass": 0.25})
    return {"room": room(config), "fields": sizes_layout(config, ["window_size"]) | mass}


def eviction_layout():
    config = genai.CacheEvictionConfig(32, 64, 128, genai.AggregationMode.SUM)
    found = sizes_layout(config, ["snapkv_window_size"])
    looks = {
        "m_" + name: lambda name=name: getattr(config, "get_" + name)() == 7_777 for name in EVICTION_SIZES
    }
    found |= plainly_where(config, 8, struct.pack("Q", 7_777), looks)
    found |= fields_layout(config, 1, b"\1", {"apply_rotation": True})
    found |= fields_layout(config, 4, struct.pack("i", 2), {"aggregation_mode": genai.AggregationMode.ADAPTIVE_RKV})
    found |= parts_layout(config, ["kvcrush_config", "adaptive_rkv_config"])
    return {"room": room(config), "fields": found}


def sparse_attention_layout():
    config = genai.SparseAttentionConfig()
    names = "num_last_dense_tokens_in_prefill num_retained_start_tokens_in_cache".split()
    names += "num_retained_recent_tokens_in_cache xattention_block_size xattention_stride".split()
    found = sizes_layout(config, names)
    found |= fields_layout(config, 4, struct.pack("f", 0.25), {"xattention_threshold": 0.25})
    found |= fields_layout(config, 4, struct.pack("i", 1), {"mode": genai.SparseAttentionMode.XATTENTION})
    return {"room": room(config), "fields": found}


def scheduler_layout():
    config = genai.SchedulerConfig()
    config.dynamic_split_fuse = False
    names = "max_num_batched_tokens num_kv_blocks cache_size num_linear_attention_blocks max_num_seqs".split()
    flags = "dynamic_split_fuse use_cache_eviction enable_prefix_caching use_sparse_attention".split()
    found = sizes_layout(config, names)
    found |= fields_layout(config, 1, b"\1", dict.fromkeys(flags, True))
    # An optional: the value, then the byte that says that there is one.
    found |= fields_layout(config, 8, struct.pack("QB", 7_777, 1), {"cache_interval_multiplier": 7_777})
    found |= parts_layout(config, ["cache_eviction_config", "sparse_attention_config"])
    return {"room": room(config), "fields": found}


def pipeline_metrics_layout():
    metrics = binding.PipelineMetrics()
    counts = ["requests", "scheduled_requests", "cache_size_in_bytes", "la_peak_pool_blocks"]
    shares = dict.fromkeys(["cache_usage", "max_cache_usage", "avg_cache_usage"], 7.5)
    found = sizes_layout(metrics, counts) | fields_layout(metrics, 4, struct.pack("f", 7.5), shares)
    # A reference: the address of the count.
    count = ctypes.c_size_t(7_777)
    pointer = struct.pack("Q", ctypes.addressof(count))
    found |= where(metrics, 8, pointer, equals(metrics, {"kv_cache_size_in_bytes": 7_777}))
    return {"room": room(metrics), "fields": found}


def string(text):
    """The 32 bytes of a std::string that holds `text`, which is too long to stand inside."""
    array = ctypes.create_string_buffer(text.encode())
    keep_alive.append(array)
    return struct.pack("QQQQ", ctypes.addressof(array), len(text), len(text), 0)


def strings_layout(instance, names, content):
    looks = {name: lambda name=name: getattr(instance, name) == LONG_TEXT for name in names}
    return where(instance, 8, content, looks)


LONG_TEXT = "longer than what a string has room for"


def grammar_layouts():
    item = genai.StructuralTagItem()
    config = genai.StructuralTagsConfig()
    output = genai.StructuredOutputConfig()
    text = string(LONG_TEXT)
    # An optional: the value, then the byte that says that there is one. Before it a variant has its index.
    found = strings_layout(output, ["json_schema", "regex", "grammar"], text + struct.pack("Q", 1))
    found |= strings_layout(output, ["compound_grammar"], text + struct.pack("QQ", 0, 1))
    found |= strings_layout(output, ["structural_tags_config"], text + struct.pack("QQQQ", 0, 0, 1, 1))
    one, two = genai.StructuralTagItem(begin="a"), genai.StructuralTagItem(begin="b")
    config.structural_tags = [one, two]
    config.triggers = ["c", "d", "e"]
    sizes = {"structural_tags": 2 * 96, "triggers": 3 * 32}
    words = (ctypes.c_size_t * (room(config) // 8)).from_address(address(config))
    vectors = {
        name: [8 * i for i in range(len(words) - 1) if words[i + 1] - words[i] == size and words[i] > 2**20]
        for name, size in sizes.items()
    }
    return {
        "StructuralTagItem": {"room": room(item), "fields": strings_layout(item, ["begin", "schema", "end"], text)},
        "StructuralTagsConfig": {"room": room(config), "fields": vectors},
        "StructuredOutputConfig": {"room": room(output), "fields": found},
    }


def batching_layout(model, prompt):
    pipeline = genai.ContinuousBatchingPipeline(model, genai.SchedulerConfig(), "CPU")
    config = pipeline.get_config()
    config.max_new_tokens = 1
    handle = pipeline.add_request(0, prompt, config)
    pipeline.step()
    (output,) = handle.read().values()
    found = fields_layout(output, 4, struct.pack("f", 7.5), {"score": 7.5})
    reason = genai.GenerationFinishReason.TOOL_CALL
    found |= fields_layout(output, 4, struct.pack("i", int(reason)), {"finish_reason": reason})
    for name, ctype, values in [
        ("generated_ids", ctypes.c_int64, [11, 22]),
        ("generated_log_probs", ctypes.c_float, [7.5, 8.5]),
    ]:
        found |= where(output, 8, vector(ctype, values), equals(output, {name: values}))
    return {
        "ContinuousBatchingPipeline": {"room": room(pipeline), "fields": {}},
        "GenerationOutput": {"room": room(output), "fields": found},
    }


def layout(model):
    # Forking is slower with a model in memory, so the types that need none come first.
    types = {
        "MeanStdPair": floats_layout(binding.MeanStdPair(), ["mean", "std"]),
        "SummaryStats": floats_layout(binding.SummaryStats(), ["mean", "std", "min", "max"]),
        "RawPerfMetrics": raw_metrics_layout(),
        "PerfMetrics": metrics_layout(),
        "TokenizedInputs": inputs_layout(),
        "KVCrushConfig": kvcrush_layout(),
        "AdaptiveRKVConfig": adaptive_rkv_layout(),
        "CacheEvictionConfig": eviction_layout(),
        "SparseAttentionConfig": sparse_attention_layout(),
        "SchedulerConfig": scheduler_layout(),
        "PipelineMetrics": pipeline_metrics_layout(),
    } | grammar_layouts()
    pipeline = genai.LLMPipeline(model, "CPU")
    tokenizer = pipeline.get_tokenizer()
    prompt = tokenizer.encode("hi!", add_special_tokens=False).input_ids
    types["EncodedResults"] = results_layout(pipeline, prompt)
    types |= batching_layout(model, prompt)
    enums = (genai.StreamingStatus, genai.GenerationFinishReason, genai.StopCriteria, genai.GenerationStatus)
    enums += (genai.AggregationMode, binding.KVCrushAnchorPointMode, genai.SparseAttentionMode)
    return {
        "enums": {enum.__name__: {name: int(value) for name, value in enum.__members__.items()} for enum in enums},
        "types": types,
        "opaque": {
            "LLMPipeline": room(pipeline),
            "GenerationConfig": room(genai.GenerationConfig()),
        },
    }


def main(command, *arguments):
    if command == "defaults":
        return fields(genai.GenerationConfig())
    if command == "scheduler":
        return scheduler_fields(genai.SchedulerConfig())
    if command == "read":
        return [read(path) for path in arguments]
    if command == "validate":
        with open(*arguments) as file:
            return [refusal(entries) for entries in json.load(file)]
    return layout(*arguments)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
