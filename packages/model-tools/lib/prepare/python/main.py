"""One stage of the preparation of a model: `main.py STAGE`, with its job as JSON on standard input.

What it is doing goes to file descriptor 3 (report.py), what the tools say to standard output and error.
"""

import json
import sys

sys.dont_write_bytecode = True  # not beside these files, which belong to the package
import checkpoint_from_gguf  # noqa: E402
import export  # noqa: E402
import hub  # noqa: E402
from report import Report, versions  # noqa: E402

sys.dont_write_bytecode = False

STAGES = {
    "versions": lambda job, report: versions(),
    "plan": hub.plan,
    "download": hub.download,
    "checkpoint": checkpoint_from_gguf.run,
    "export": export.run,
    "options": export.options,
}


def main():
    report = Report()
    try:
        report.result(STAGES[sys.argv[1]](json.load(sys.stdin), report))
    except BaseException as error:
        report.error(error)
        raise


if __name__ == "__main__":
    main()
