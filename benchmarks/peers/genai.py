"""One trial of Python's openvino_genai. Prints one JSON object, as arm.mjs does.

Usage: genai.py < JSON, an object with model, engine ("batching" or "pipeline"), newTokens and levels.
"""

import json
import resource
import sys
import time

import numpy
import openvino
import openvino_genai as genai

WARMUP_TOKENS = 8


def now_ms():
    return time.monotonic_ns() / 1e6


def tensor_of(ids):
    return openvino.Tensor(numpy.array([ids], dtype=numpy.int64))


def config_of(new_tokens):
    config = genai.GenerationConfig()
    config.max_new_tokens = new_tokens
    config.ignore_eos = True
    config.do_sample = False
    return config


class Batching:
    """ContinuousBatchingPipeline: one loop of add_request() and step(), a TextStreamer for each request's text."""

    def __init__(self, model):
        scheduler = genai.SchedulerConfig()
        scheduler.enable_prefix_caching = False
        self.pipeline = genai.ContinuousBatchingPipeline(model, scheduler, "CPU")
        self.tokenizer = self.pipeline.get_tokenizer()
        self.next_id = 0
        self.settings = {"scheduler": scheduler.to_string()}

    def answer(self, prompts, streams, new_tokens):
        waiting = list(enumerate(prompts))[::-1]
        answers = [None] * len(prompts)
        running = {}
        while waiting or running:
            while waiting and len(running) < streams:
                index, ids = waiting.pop()
                called = now_ms()
                handle = self.pipeline.add_request(self.next_id, tensor_of(ids), config_of(new_tokens))
                self.next_id += 1
                text = genai.TextStreamer(self.tokenizer, lambda piece: genai.StreamingStatus.RUNNING)
                running[index] = (called, handle, text, [], [])
            self.pipeline.step()
            for index, (called, handle, text, arrived, token_ids) in list(running.items()):
                while handle.can_read():
                    [output] = handle.read().values()
                    arrived.append(now_ms() - called)
                    token_ids.extend(output.generated_ids)
                    text.write(output.generated_ids)
                if len(token_ids) >= new_tokens:
                    text.end()
                    answers[index] = {
                        "ttft": arrived[0],
                        "tpot": (arrived[-1] - arrived[0]) / (new_tokens - 1),
                        "ids": token_ids,
                    }
                    del running[index]
        return answers


class Pipeline:
    """LLMPipeline with a text callback. A callback may bring several tokens, so the time per token is GenAI's figure."""

    def __init__(self, model):
        self.pipeline = genai.LLMPipeline(model, "CPU")
        self.settings = {}

    def answer(self, prompts, streams, new_tokens):
        return [self.answer_one(ids, new_tokens) for ids in prompts]

    def answer_one(self, ids, new_tokens):
        arrived = []

        def on_text(text):
            if text:
                arrived.append(now_ms())
            return genai.StreamingStatus.RUNNING

        inputs = genai.TokenizedInputs(tensor_of(ids), openvino.Tensor(numpy.ones((1, len(ids)), numpy.int64)))
        called = now_ms()
        result = self.pipeline.generate(inputs, config_of(new_tokens), on_text)
        return {
            "ttft": arrived[0] - called,
            "tpot": result.perf_metrics.get_tpot().mean,
            "ids": result.tokens[0],
        }


def peak_rss_kib():
    """Not ru_maxrss: that one remembers the process that started this one."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def measure(arm, level, new_tokens):
    streams = level["streams"]
    arm.answer(level["warmup"], streams, WARMUP_TOKENS)
    begin = now_ms()
    answers = arm.answer(level["prompts"], streams, new_tokens)
    return {
        "streams": streams,
        "durationMs": now_ms() - begin,
        "ttftMs": [answer["ttft"] for answer in answers],
        "tpotMs": [answer["tpot"] for answer in answers],
        "tokenIds": [answer["ids"] for answer in answers],
        "peakRssKiB": peak_rss_kib(),
    }


def main():
    work = json.load(sys.stdin)
    arm = {"batching": Batching, "pipeline": Pipeline}[work["engine"]](work["model"])
    levels = [measure(arm, level, work["newTokens"]) for level in work["levels"]]
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {"settings": arm.settings, "levels": levels, "cpuSeconds": used.ru_utime + used.ru_stime}
        )
    )


main()
