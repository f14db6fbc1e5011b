/** What the hub refuses, and what the network does, as errors that say what to do. */
import { AbortError, codeOf, OpenVinoLlmError } from "../errors/errors.js";

/** A failure that may be gone at the next try. */
export class PassingFailure extends Error {
  override readonly name = "PassingFailure";
  /** How long the hub asks to wait; null where it does not say. */
  readonly waitMs: number | null;

  constructor(reason: string, waitMs: number | null = null, options?: ErrorOptions) {
    super(reason, options);
    this.waitMs = waitMs;
  }
}

/** What is asked for, and by whom. */
export interface Asked {
  /** The model as it was named. */
  readonly name: string;
  readonly id: string;
  readonly endpoint: string;
  readonly hasToken: boolean;
}

const NETWORK_CURE = "Check the network, HTTPS_PROXY and HF_ENDPOINT, then try again: what has come is kept";

/** The failure that an answer with an error's status stands for: passing, or for good. */
export function statusFailure(
  { name, id, endpoint, hasToken }: Asked,
  status: number,
  headers: Readonly<Record<string, string>>,
): Error {
  const code = headers["x-error-code"] ?? "";
  const said = saidBy(headers);
  const page = `${endpoint}/${id}`;
  if (code === "GatedRepo") {
    return new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `${id} is given only to those who accepted its terms${said}. Accept them at ${page}, then ` +
        (hasToken
          ? "see that the token (HF_TOKEN) is of the same account and may read gated models."
          : "set HF_TOKEN to a token of that account (or log in: hf auth login)."),
    );
  }
  if (code === "RevisionNotFound") {
    return notFound(
      `${endpoint} has ${id}, but not in the revision that ${name} names${said}. See ${page}/tree/main`,
    );
  }
  if (code === "EntryNotFound") {
    return new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `${endpoint} lists a file of ${id} that it does not have${said}. Try again later.`,
    );
  }
  if (code === "RepoNotFound" || status === 404 || (status === 401 && !hasToken)) {
    const cure = hasToken ? "or the token (HF_TOKEN) may not read it" : "or it is private: then set HF_TOKEN";
    return notFound(
      `${endpoint} has no model ${id}${said}, ${cure}. Check the name; models of OpenVINO's own: ${endpoint}/OpenVINO`,
    );
  }
  if (status === 401 || status === 403) {
    const cure = hasToken
      ? "The token (HF_TOKEN, or the file of hf auth login) is wrong, has ended, or may not read this model: set another one, or none."
      : "Set HF_TOKEN to a token that may read it.";
    return new OpenVinoLlmError("ERR_DOWNLOAD", `${endpoint} refused ${id} with ${status}${said}. ${cure}`);
  }
  if (status === 407) {
    return new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      "The proxy asks for a name and a password. Set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT.",
    );
  }
  if (status === 408 || status === 429 || status >= 500) {
    return new PassingFailure(`${endpoint} answered ${status}${said}`, retryAfterMs(headers["retry-after"]));
  }
  return new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `${endpoint} answered ${status} for ${id}${said}. Check HF_ENDPOINT, or try again later.`,
  );
}

/** Certificates are not better at the next try, nor is a name that nobody knows at the first one. */
const LASTING =
  /^(?:CERT_|ERR_TLS_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO|ERR_SSL|ERR_INVALID|HPE_|PROXY_REFUSED)/;
const UNREACHABLE: ReadonlySet<string | undefined> = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ENETUNREACH",
  "EHOSTUNREACH",
]);

/**
 * What the network threw, as a failure: passing, or for good; errors of ours and of the file system stay as they are.
 *
 * @param hasBegun whether something came before: then a network that is not there is one that was lost
 */
export function networkFailure(error: unknown, endpoint: string, hasBegun: boolean): unknown {
  if (error instanceof AbortError || error instanceof OpenVinoLlmError || error instanceof PassingFailure)
    return error;
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error) || isOfFiles(error)) return error;
  if (LASTING.test(code)) {
    const cure =
      code === "PROXY_REFUSED"
        ? "Check HTTPS_PROXY and its name and password, or leave the hub out with NO_PROXY."
        : "Where a proxy has a certificate of its own, name its file in NODE_EXTRA_CA_CERTS.";
    return new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `The connection to ${endpoint} failed: ${error.message} (${code}). ${cure}`,
      { cause: error },
    );
  }
  if (UNREACHABLE.has(code) && !hasBegun) return unreachable(endpoint, error.message || code, error);
  return new PassingFailure(error.message || code, null, { cause: error });
}

/** The error of a passing failure that did not pass. */
export function gaveUp(endpoint: string, reason: string, cause: unknown): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `The download from ${endpoint} failed: ${reason}. ${NETWORK_CURE}.`,
    { cause },
  );
}

function unreachable(endpoint: string, reason: string, cause: unknown): OpenVinoLlmError {
  return new OpenVinoLlmError("ERR_DOWNLOAD", `${endpoint} cannot be reached: ${reason}. ${NETWORK_CURE}.`, {
    cause,
  });
}

function notFound(message: string): OpenVinoLlmError {
  return new OpenVinoLlmError("ERR_MODEL_NOT_FOUND", `${message}.`);
}

/** The hub's own words, so short that they cannot fill a screen, and without what commands a terminal. */
function saidBy(headers: Readonly<Record<string, string>>): string {
  const said = (headers["x-error-message"] ?? "")
    .replaceAll(/[^\x20-\x7e]/g, " ")
    .trim()
    .replace(/\.$/, "");
  return said === "" ? "" : ` (it says: ${said.slice(0, 200)})`;
}

function retryAfterMs(value: string | undefined): number | null {
  if (value === undefined) return null;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : null;
}

function isOfFiles(error: Error): boolean {
  return (
    "syscall" in error &&
    /^(?:open|read|write|ftruncate|fsync|fdatasync|rename|mkdir|unlink|symlink|copyfile|l?stat|rm|scandir)/.test(
      String(error.syscall),
    )
  );
}
