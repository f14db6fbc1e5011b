/** Why pip, or unpacking, failed, in words that say what to do. */
import { errorAbout, type ErrorCode, type OpenVinoLlmError } from "../errors/errors.js";
import { bytesText, freeBytes } from "../errors/system-errors.js";

/** What failed. */
export interface FailedPython {
  /** What was not done: "The download of openvino==1.2.3 with pip failed". */
  readonly what: string;
  /** What to do where nothing better is known, as a sentence. */
  readonly cure: string;
  /** The command that Python was started by. */
  readonly python: string;
  /** Everything that was printed. */
  readonly said: string;
  /** The signal that ended it. */
  readonly signal: NodeJS.Signals | null;
  /** Where it was to write. */
  readonly folder: string;
}

interface Explanation {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** Why, and what to do: whole sentences. */
  readonly say: (failed: FailedPython) => string;
}

/** What decides where pip's packages come from. */
export const PIP_SETTINGS = "pip's settings (PIP_INDEX_URL, HTTPS_PROXY, pip config list)";

/** The first that fits. What pip says of the network stands before the version that it therefore did not find. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /No space left on device|\[Errno 28\]|Disk quota exceeded|\[Errno 122\]/,
    code: "ERR_DISK_FULL",
    say: ({ folder }) =>
      `The disk of ${folder} is full${roomIn(folder)}. Free space there, or choose another folder with OPENVINO_LLM_CACHE.`,
  },
  {
    pattern: /Read-only file system|\[Errno 30\]|Permission denied|\[Errno 13\]|Not a directory|\[Errno 20\]/,
    code: "ERR_NOT_WRITABLE",
    say: ({ folder, said }) =>
      `Writing was refused: ${reasonOf(said)}. Make ${folder} writable for this user, or choose another folder with ` +
      "OPENVINO_LLM_CACHE.",
  },
  {
    pattern: /MemoryError|Cannot allocate memory|\[Errno 12\]/,
    code: "ERR_OUT_OF_MEMORY",
    say: () =>
      "The system gave it no more memory. Close other programs, or raise the limit (the container's memory, ulimit -v).",
  },
  {
    pattern: /can't start new thread|Resource temporarily unavailable|\[Errno 11\]/,
    code: "ERR_OUT_OF_THREADS",
    say: () =>
      "The system gave it no more threads. Raise the limit of processes (ulimit -u, the container's pids.max).",
  },
  {
    pattern: /No module named '?pip\b/,
    code: "ERR_DOWNLOAD",
    say: ({ python }) =>
      `Expected ${python} to have pip but it has none. Install it (Debian and Ubuntu: apt install python3-pip; elsewhere: ` +
      `${python} -m ensurepip --user).`,
  },
  {
    pattern: /no such option: (--[\w-]+)/,
    code: "ERR_DOWNLOAD",
    say: ({ python, said }) =>
      `This pip is too old: ${reasonOf(said)}. Update it: ${python} -m pip install --user --upgrade pip`,
  },
  {
    pattern: /DO NOT MATCH THE HASHES/,
    code: "ERR_DOWNLOAD",
    say: () =>
      "What came does not match the pinned sha256, so it was not kept. Try again; if that does not help, the package index " +
      "that pip uses serves other files than PyPI.",
  },
  {
    pattern: /BadZipFile|zlib\.error|Bad CRC-32|EOFError/,
    code: "ERR_DOWNLOAD",
    say: ({ said }) => `The file is damaged or not a wheel (${reasonOf(said)}). Remove it and try again.`,
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError/,
    code: "ERR_DOWNLOAD",
    say: () =>
      "The certificate of the package index is not trusted. Where a proxy has one of its own, name its file in PIP_CERT.",
  },
  {
    pattern: /\b(401|403|407) (?:Client )?Error|HTTP error (401|403|407)|Tunnel connection failed: 4\d\d/,
    code: "ERR_DOWNLOAD",
    say: ({ said }) =>
      `The package index or a proxy refused: ${reasonOf(said)}. Check the credentials in ${PIP_SETTINGS}.`,
  },
  {
    pattern:
      /NewConnectionError|ConnectTimeout|ReadTimeout|NameResolutionError|Max retries exceeded|ProxyError|ConnectionResetError|RemoteDisconnected|Temporary failure in name resolution|connection broken/i,
    code: "ERR_DOWNLOAD",
    say: ({ said }) =>
      `The package index cannot be reached: ${reasonOf(said)}. Check the network and ${PIP_SETTINGS}, then try again.`,
  },
  {
    pattern: /No matching distribution found|Could not find a version/,
    code: "ERR_DOWNLOAD",
    // Without retries (PIP_RETRIES=0) pip does not say which of the two it is.
    say: () =>
      "The package index that pip uses has no such version for 64-bit Linux, or does not answer. Check the network and " +
      `${PIP_SETTINGS}.`,
  },
];

/** The error for a Python that failed; its words are in `cause`. */
export function pythonFailure(failed: FailedPython): OpenVinoLlmError {
  const { what, cure, said, signal } = failed;
  const cause = new Error(said.trim());
  const known = EXPLANATIONS.find(({ pattern }) => pattern.test(said));
  const [code, why] =
    known === undefined
      ? (["ERR_DOWNLOAD", `${unknownReason(said, signal)} ${cure}`] as const)
      : ([known.code, known.say(failed)] as const);
  return errorAbout(code, what, why, "", cause);
}

function unknownReason(said: string, signal: NodeJS.Signals | null): string {
  if (signal === null) return `${reasonOf(said)}.`;
  return `It was ended by ${signal}${signal === "SIGKILL" ? ", as the system does where memory runs out" : ""}.`;
}

/** What pip calls an error, else its last line. */
function reasonOf(said: string): string {
  const lines = said.trim().split("\n");
  const line =
    lines.findLast((one) => /^\s*(?:ERROR:|\w*Error:|\w+\.\w*Error:)/.test(one)) ?? lines.at(-1) ?? "";
  return (
    line
      .replace(/^\s*ERROR:\s*/, "")
      .trim()
      .replace(/\.$/, "") || "no message"
  );
}

function roomIn(folder: string): string {
  const free = freeBytes(folder);
  return free === null ? "" : ` (${bytesText(free)} free)`;
}
