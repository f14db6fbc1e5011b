/** What went wrong in Python, in words that say what to do. */
import { OpenVinoLlmError, type ErrorCode } from "openvino-llm";
import { gigabytes } from "./needs.js";
import type { RunLog } from "./run-log.js";
import type { Ended } from "./stage.js";

/** What is known about the run that failed. */
export interface FailedRun {
  readonly source: string;
  /** Estimated before it began. */
  readonly neededMemoryBytes: number | null;
}

interface Explanation {
  /** On the names of the exception's classes and its message, or on the log. */
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly say: (run: FailedRun, said: string) => string;
}

const HUB_CURE =
  "Check the network (HTTPS_PROXY, HF_ENDPOINT), or pass a folder that has the checkpoint already.";

/** The first that fits. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /No space left on device|\[Errno 28\]|Disk quota exceeded/,
    code: "ERR_DISK_FULL",
    say: ({ source }) =>
      `The disk became full while ${source} was prepared. Make room, or choose another disk with OPENVINO_LLM_CACHE or --out.`,
  },
  {
    pattern: /MemoryError|bad_alloc|Cannot allocate memory|not enough memory/i,
    code: "ERR_OUT_OF_MEMORY",
    say: outOfMemory,
  },
  {
    pattern: /GatedRepoError/,
    code: "ERR_DOWNLOAD",
    say: ({ source }) =>
      `${source} is given on the hub only to those who accepted its licence. Accept it on the model's page, then log in ` +
      "(hf auth login) or set HF_TOKEN.",
  },
  {
    pattern: /RepositoryNotFoundError|RevisionNotFoundError/,
    code: "ERR_MODEL_NOT_FOUND",
    say: ({ source }) =>
      `The hub has no model ${source} in that revision, or shows it to nobody who is not logged in. Check the name; for a ` +
      "private model log in (hf auth login) or set HF_TOKEN.",
  },
  {
    pattern: /DatasetUnavailable|Couldn't reach '?[\w/.-]+'? on the Hub/,
    code: "ERR_DOWNLOAD",
    say: (_, said) =>
      `The data set to calibrate with comes from the hub and could not be downloaded (${said}). Pass a text file or "auto" ` +
      "instead (--dataset path.txt), or check the network (HTTPS_PROXY, HF_ENDPOINT).",
  },
  {
    pattern:
      /LocalEntryNotFoundError|OfflineModeIsEnabled|ConnectError|ConnectionError|ConnectTimeout|ReadTimeout|MaxRetryError|HfHubHTTPError/,
    code: "ERR_DOWNLOAD",
    say: ({ source }, said) =>
      `${source} could not be downloaded from the Hugging Face hub: ${said}. ${HUB_CURE}`,
  },
  {
    pattern: /InvalidGroupSizeError|channel size \d+ is not divisible|is not divisible by the group size/i,
    code: "ERR_MODEL_LOAD",
    say: (_, said) =>
      `The group size does not divide the width of every layer: ${said}. Take a smaller one (--group-size 64), or let the ` +
      "exporter do that where it must (--group-size-fallback adjust).",
  },
  {
    pattern: /UnknownTokenizer/,
    code: "ERR_MODEL_LOAD",
    say: ({ source }, said) =>
      `The tokenizer of ${source} cannot be rebuilt: ${said}. Prepare the model from its checkpoint instead of the GGUF file.`,
  },
  {
    pattern: /SafetensorError|UnpicklingError|PytorchStreamReader|invalid load key/,
    code: "ERR_MODEL_LOAD",
    say: ({ source }, said) =>
      `The weights of ${source} are damaged or not complete: ${said}. Get the checkpoint again.`,
  },
  {
    pattern: /requires? you to execute|trust_remote_code=True/,
    code: "ERR_MODEL_LOAD",
    say: ({ source }) =>
      `${source} brings Python code of its own. When you trust it, allow that with --trust-remote-code.`,
  },
];

/** Why a stage of a preparation failed. */
export function stageFailure(ended: Ended, run: FailedRun, log: RunLog): OpenVinoLlmError {
  const { error } = ended;
  if (ended.signal === "SIGKILL") return failure("ERR_OUT_OF_MEMORY", outOfMemory(run), log);
  const said =
    error === null ? `it ended with ${ended.signal ?? `code ${ended.code}`}` : firstLine(error.message);
  const whole = error === null ? log.tail.join("\n") : `${error.types.join(" ")} ${error.message}`;
  const known = EXPLANATIONS.find(({ pattern }) => pattern.test(whole));
  if (known !== undefined) return failure(known.code, known.say(run, said), log);
  const kind = error?.types[0];
  return failure(
    "ERR_MODEL_LOAD",
    `Optimum Intel's exporter could not prepare ${run.source}: ${kind === undefined ? "" : `${kind}: `}${said}.`,
    log,
  );
}

/** Why the environment could not be made. */
export function environmentFailure(ended: Ended, log: RunLog, python: string): OpenVinoLlmError {
  const said = log.tail.join("\n");
  const what = "The Python environment of Optimum Intel's exporter could not be made";
  if (/No space left on device/.test(said)) {
    return failure(
      "ERR_DISK_FULL",
      `${what}: the disk is full. Make room, or move the cache (OPENVINO_LLM_CACHE).`,
      log,
    );
  }
  if (/DO NOT MATCH THE HASHES/.test(said)) {
    const cure =
      "Try again; if that does not help, the package index that pip uses serves other files than PyPI.";
    return failure("ERR_DOWNLOAD", `${what}: a download does not match its pinned sha256. ${cure}`, log);
  }
  if (/ensurepip|No module named pip/.test(said)) {
    const cure = "Debian and Ubuntu: apt install python3-venv.";
    return failure("ERR_DOWNLOAD", `${what}: ${python} cannot make one that has pip. ${cure}`, log);
  }
  const reason = log.tail.findLast((line) => line.startsWith("ERROR:"))?.slice(7) ?? ended.error?.message;
  const cure =
    "Check the network and pip's settings (PIP_INDEX_URL, HTTPS_PROXY, pip config list), then try again.";
  return failure(
    "ERR_DOWNLOAD",
    `${what}: ${firstLine(reason ?? log.tail.at(-1) ?? "no message")}. ${cure}`,
    log,
  );
}

function outOfMemory({ source, neededMemoryBytes }: FailedRun): string {
  const needed = neededMemoryBytes === null ? "" : `; it takes about ${gigabytes(neededMemoryBytes)}`;
  return (
    `The memory ran out, or something ended the exporter, while ${source} was prepared${needed}. Close other programs, ` +
    "or prepare the model on a larger machine and copy its folder."
  );
}

function failure(code: ErrorCode, message: string, log: RunLog): OpenVinoLlmError {
  const where = log.isWritten ? `\nWhat the tools said: ${log.path}` : "";
  return new OpenVinoLlmError(code, `${message}${where}`, { cause: new Error(log.tail.join("\n")) });
}

function firstLine(text: string): string {
  return (text.trim().split("\n")[0] ?? "").trim().replace(/\.$/, "") || "no message";
}
