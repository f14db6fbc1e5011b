"""Checkpoints on the Hugging Face hub: which files are needed, and getting them."""

import fnmatch
import os

# Copies of the same weights in other forms, and what no export reads.
NOT_NEEDED = "original/* metal/* onnx/* openvino/* *.gguf *.onnx *.onnx_data *.h5 *.msgpack *.ot *.tflite *.mlmodel"
NOT_NEEDED = f"{NOT_NEEDED} *.png *.jpg *.jpeg *.gif *.svg *.pdf *.mp4 *.zip .gitattributes".split()
OTHER_WEIGHTS = "*.bin *.pt *.pth".split()


def needed(names):
    """The files of a repository that an export reads."""
    names = [name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in NOT_NEEDED)]
    if any(name.endswith(".safetensors") for name in names):
        names = [name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in OTHER_WEIGHTS)]
    return names


def plan(job, report):
    """Asks the hub for the files and their sizes; without the hub, what is in its cache has to do."""
    from huggingface_hub import HfApi, try_to_load_from_cache
    from huggingface_hub.errors import HfHubHTTPError

    repo, cache = job["repo"], job["cacheDir"]
    report.phase("download")
    try:
        info = HfApi().model_info(repo, revision=job["revision"], files_metadata=True)
    except HfHubHTTPError:
        raise
    except Exception:
        folder = cached_snapshot(repo, job["revision"], cache)
        if folder is None:
            raise
        return {"folder": folder, "files": [], "license": None}
    sizes = {file.rfilename: file.size or 0 for file in info.siblings}

    def is_cached(name):
        return isinstance(try_to_load_from_cache(repo, name, cache_dir=cache, revision=info.sha), str)

    files = [{"name": name, "sizeBytes": sizes[name], "isCached": is_cached(name)} for name in needed(sizes)]
    card = info.card_data.to_dict() if info.card_data else {}
    license = card.get("license")
    return {
        "folder": None,
        "files": files,
        "license": license if isinstance(license, str) else None,
    }


def cached_snapshot(repo, revision, cache):
    from huggingface_hub import snapshot_download

    try:
        return snapshot_download(repo, revision=revision, cache_dir=cache, local_files_only=True)
    except Exception:
        return None


def download(job, report):
    """Brings the files that `plan` named into the hub's own cache; what is there already is not fetched again."""
    from huggingface_hub import snapshot_download
    from tqdm.auto import tqdm

    report.phase("download")
    total = sum(file["sizeBytes"] for file in job["files"])

    class Bar(tqdm):
        """One of these counts bytes; without a terminal the hub would turn them off."""

        def __init__(self, *args, **kwargs):
            kwargs |= {"disable": False, "file": open(os.devnull, "w")}
            super().__init__(*args, **kwargs)

        def update(self, n=1):
            shown = super().update(n)
            if self.unit == "B":
                report.progress("download", self.n, max(self.total or 0, total))
            return shown

    return snapshot_download(
        job["repo"],
        revision=job["revision"],  # not the commit: the name leads back to the files without the hub
        cache_dir=job["cacheDir"],
        allow_patterns=[file["name"] for file in job["files"]],
        tqdm_class=Bar,
    )
