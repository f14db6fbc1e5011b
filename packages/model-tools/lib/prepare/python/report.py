"""What a stage reports to the process that started it: JSON lines on file descriptor 3."""

import json
import os
import resource
import sys
import threading
import time

EVENTS_FD = 3
MIN_SECONDS_BETWEEN = 0.25


class Report:
    """Writes events. Progress is thinned out, its last value of each label is not lost."""

    def __init__(self):
        self._out = os.fdopen(EVENTS_FD, "w", encoding="utf-8")
        self._lock = threading.Lock()
        self._last = (None, 0.0)

    def phase(self, name):
        self._write({"event": "phase", "phase": name})

    def progress(self, label, completed, total):
        if not total:
            return
        fraction = max(0.0, min(1.0, completed / total))
        now = time.monotonic()
        last_label, last_time = self._last
        if label == last_label and fraction < 1 and now - last_time < MIN_SECONDS_BETWEEN:
            return
        self._last = (label, now)
        self._write({"event": "progress", "label": label, "fraction": fraction})

    def result(self, value):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        self._write({"event": "result", "value": value, "peakMemoryBytes": peak})

    def error(self, error):
        kinds = [kind.__name__ for kind in type(error).__mro__]
        self._write({"event": "error", "types": kinds, "message": str(error)})

    def _write(self, event):
        with self._lock:
            self._out.write(json.dumps(event) + "\n")
            self._out.flush()


def follow_bars(report):
    """Passes on what the progress bars of tqdm and rich (nncf's) show; without a terminal rich shows nothing."""
    from rich.progress import Progress
    from tqdm.std import tqdm

    tqdm_update = tqdm.update
    rich_update = Progress.update
    rich_advance = Progress.advance

    def update_tqdm(bar, n=1):
        shown = tqdm_update(bar, n)
        if not bar.disable:
            report.progress((bar.desc or "").rstrip(": ") or "items", bar.n, bar.total)
        return shown

    def report_bar(bars, task_id):
        task = bars._tasks.get(task_id)
        if task is not None:
            report.progress(task.description, task.completed, task.total)

    def update_rich(bars, task_id, **changes):
        rich_update(bars, task_id, **changes)
        report_bar(bars, task_id)

    def advance_rich(bars, task_id, advance=1):
        rich_advance(bars, task_id, advance)
        report_bar(bars, task_id)

    tqdm.update = update_tqdm
    Progress.update = update_rich
    Progress.advance = advance_rich


def versions():
    """The versions of what made the model."""
    from importlib.metadata import version

    names = "optimum-intel optimum transformers tokenizers nncf torch openvino openvino-tokenizers gguf".split()
    return {"python": sys.version.split()[0], **{name: version(name) for name in names}}
