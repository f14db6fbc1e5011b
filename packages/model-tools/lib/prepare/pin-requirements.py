"""Writes python/requirements.txt from what pip would install, with the hash of every file. For maintainers.

Make the reports with every Python that the environment supports, in an environment that was proved to export:

    pip freeze > frozen.txt
    python3.11 -m pip install --dry-run --ignore-installed --quiet --report 311.json -r frozen.txt   # 3.12, 3.13 too
    python3 packages/model-tools/lib/prepare/pin-requirements.py 311.json 312.json 313.json > packages/model-tools/lib/prepare/python/requirements.txt
"""

import json
import sys

HEADER = """\
# What `models prepare` installs on Linux x86-64 with Python 3.11, 3.12 or 3.13. Made by pin-requirements.py.
# openvino-telemetry is left out on purpose: nncf and openvino do without it, and then send nothing.
"""

# Those that no export of a text model imports.
LEFT_OUT = {"openvino-telemetry", "openvino-genai", "torchvision"}


def main(reports):
    pins = {}
    for path in reports:
        with open(path, encoding="utf-8") as file:
            installed = json.load(file)["install"]
        for item in installed:
            name, version = item["metadata"]["name"], item["metadata"]["version"]
            if name.lower() not in LEFT_OUT:
                digest = item["download_info"]["archive_info"]["hashes"]["sha256"]
                pins.setdefault((name.lower(), version), set()).add(digest)
    names = [name for name, _ in pins]
    if len(names) != len(set(names)):
        raise SystemExit("The reports differ in versions: " + ", ".join(sorted({n for n in names if names.count(n) > 1})))
    print(HEADER, end="")
    for (name, version), digests in sorted(pins.items()):
        print(f"{name}=={version}" + "".join(f" \\\n    --hash=sha256:{digest}" for digest in sorted(digests)))


if __name__ == "__main__":
    main(sys.argv[1:])
