/** What the environment says of the hub, by the variables of Hugging Face's own clients. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

import { codeOf, describe, OpenVinoLlmError } from "../errors/errors.js";

/** How the hub is asked, and where what comes from it is kept. */
export interface HubSettings {
  /** `HF_ENDPOINT`, without a slash at its end. Default: https://huggingface.co. */
  readonly endpoint: string;
  /** `HF_TOKEN`, else what the token file holds; null where there is none. */
  readonly token: string | null;
  /** `HF_HUB_OFFLINE`: the hub is not asked. */
  readonly isOffline: boolean;
  /** Without a byte for so long a connection counts as lost: `HF_HUB_DOWNLOAD_TIMEOUT`, in seconds. Default 30 s. */
  readonly stallMs: number;
  /** Whether a snapshot may be made of links: not where `HF_HUB_DISABLE_SYMLINKS` is set. */
  readonly mayLink: boolean;
}

const DEFAULT_ENDPOINT = "https://huggingface.co";
const DEFAULT_STALL_SECONDS = 30;

/**
 * Reads the environment.
 *
 * @throws OpenVinoLlmError `ERR_DOWNLOAD` for an endpoint that is no address, a token that no header can hold, or one that
 * cannot be read
 */
export function readHubSettings(env: NodeJS.ProcessEnv = process.env): HubSettings {
  const seconds = Number(env["HF_HUB_DOWNLOAD_TIMEOUT"] || DEFAULT_STALL_SECONDS);
  return {
    endpoint: readEndpoint(env["HF_ENDPOINT"] || DEFAULT_ENDPOINT),
    token: readToken(env),
    isOffline: isSet(env["HF_HUB_OFFLINE"]),
    stallMs: (seconds > 0 && seconds < 86_400 ? seconds : DEFAULT_STALL_SECONDS) * 1000,
    mayLink: !isSet(env["HF_HUB_DISABLE_SYMLINKS"]),
  };
}

/**
 * The hub's cache, absolute; it need not exist. `HF_HUB_CACHE`, else `HUGGINGFACE_HUB_CACHE`, else `hub` below `HF_HOME`,
 * else below `huggingface` in `XDG_CACHE_HOME` or `~/.cache`.
 */
export function hubCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const own = env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"];
  return own ? fromHome(own, env) : join(hubHome(env), "hub");
}

function hubHome(env: NodeJS.ProcessEnv): string {
  const own = env["HF_HOME"];
  if (own) return fromHome(own, env);
  return join(fromHome(env["XDG_CACHE_HOME"] || "~/.cache", env), "huggingface");
}

function fromHome(path: string, env: NodeJS.ProcessEnv): string {
  return resolve(path.replace(/^~(?=\/|$)/, () => env["HOME"] || homedir()));
}

function readEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `Expected an address that begins with https:// or http:// in HF_ENDPOINT but received ${describe(text)}. Correct it, ` +
        `or unset it for ${DEFAULT_ENDPOINT}.`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function readToken(env: NodeJS.ProcessEnv): string | null {
  const given = env["HF_TOKEN"] || env["HUGGING_FACE_HUB_TOKEN"];
  const file = fromHome(env["HF_TOKEN_PATH"] || join(hubHome(env), "token"), env);
  const token = (given ?? readIfThere(file) ?? "").trim();
  if (token === "") return null;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `Expected a token in ${given ? "HF_TOKEN" : file} but it holds spaces or characters that no token has. Set it again.`,
  );
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return null;
    throw new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `Expected to read the hub's token in ${file} but could not: ${(error as Error).message}. Make it readable for this ` +
        "user, or set HF_TOKEN.",
      { cause: error },
    );
  }
}

/** As Hugging Face's clients read a switch. */
function isSet(value: string | undefined): boolean {
  return /^(?:1|on|yes|true)$/i.test(value ?? "");
}
