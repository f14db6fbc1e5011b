"""The other baseline of benchmarks/overhead: Python's openvino_genai with its text streamer. Prints one JSON object.

Usage: genai_text.py JSON, an object with model, newTokens, warmup and prompt (texts).
"""

import json
import resource
import sys
import time

import openvino_genai as genai


def run(pipeline, prompt, config):
    """Stamps in milliseconds from the call, and the text that came with each."""
    pieces = []

    def on_text(text):
        pieces.append((time.monotonic_ns(), text))
        return genai.StreamingStatus.RUNNING

    called = time.monotonic_ns()
    # A list of one: only then are GenAI's metrics in the result.
    result = pipeline.generate([prompt], config, on_text)
    return [((at - called) / 1e6, text) for at, text in pieces], result


def peak_rss_kib():
    """Not ru_maxrss: that one remembers the process that started this one."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main():
    trial = json.loads(sys.argv[1])
    pipeline = genai.LLMPipeline(trial["model"], "CPU")
    config = genai.GenerationConfig()
    config.max_new_tokens = trial["newTokens"]
    config.ignore_eos = True
    config.do_sample = False
    config.apply_chat_template = False
    run(pipeline, trial["warmup"], config)
    pieces, result = run(pipeline, trial["prompt"], config)
    metrics = result.perf_metrics
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "promptTokens": metrics.get_num_input_tokens(),
                "text": result.texts[0],
                "firstTextMs": next(at for at, text in pieces if text),
                "lastTextMs": pieces[-1][0],
                "genaiTpotMs": metrics.get_tpot().mean,
                "genaiTtftMs": metrics.get_ttft().mean,
                "peakRssKiB": peak_rss_kib(),
                "cpuSeconds": used.ru_utime + used.ru_stime,
            }
        )
    )


main()
