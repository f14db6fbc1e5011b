"""Stands in the place of the environment's Python: does what the job says, without torch and Optimum Intel.

What the real tools do is in packages/model-tools/test/native/models-prepare.test.ts.
"""

import json
import os
import sys
import time
from pathlib import Path

FILES = [f"openvino_{part}.{kind}" for part in ("model", "tokenizer", "detokenizer") for kind in ("xml", "bin")]


def main(stage):
    job = json.load(sys.stdin)
    events = os.fdopen(3, "w")

    def emit(event):
        events.write(json.dumps(event) + "\n")
        events.flush()

    print("job", json.dumps(job), flush=True)
    behaviour = os.environ.get("FAKE_EXPORTER", "good")
    if stage == "plan" and behaviour == "offline":
        emit({"event": "error", "types": ["ConnectError", "Exception"], "message": "Name or service not known"})
        sys.exit(1)
    if stage == "plan":
        value = {"folder": os.environ["FAKE_SNAPSHOT"], "files": [], "license": "mit"}
        return emit({"event": "result", "value": value, "peakMemoryBytes": 5})
    output = Path(job["arguments"][-1])
    emit({"event": "phase", "phase": "load"})
    for name in FILES[: 3 if behaviour in ("killed", "slow", "partial") else 6]:
        (output / name).write_text("<net/>")
    config = Path(job["arguments"][1]) / "config.json"
    (output / "config.json").write_text(config.read_text())
    if "FAKE_GATE" in os.environ:
        print("half way", flush=True)
        # A named pipe: until somebody writes to it.
        Path(os.environ["FAKE_GATE"]).read_text()
    if behaviour == "killed":
        os.kill(os.getpid(), 9)
    if behaviour == "slow":
        print("half way", flush=True)
        time.sleep(600)
    if behaviour == "failing":
        emit({"event": "error", "types": ["SafetensorError"], "message": "header too large"})
        sys.exit(1)
    emit({"event": "result", "value": None, "peakMemoryBytes": 1234567})


if __name__ == "__main__" and sys.argv[1:2] == ["-s"]:
    main(sys.argv[-1])
