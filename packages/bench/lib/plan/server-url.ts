/** The addresses of an OpenAI-compatible server. Pure. */
import { invalidArgType, outOfRange } from "openvino-llm/internal";

/** Which of OpenAI's endpoints answers: `/completions` or `/chat/completions`. */
export type HttpEndpoint = "completions" | "chat";

/** What a user's URL says. */
export interface ServerUrl {
  /** With the version, without a slash at the end. */
  readonly base: string;
  /** Null where it is not the whole path of an endpoint. */
  readonly endpoint: HttpEndpoint | null;
}

const ENDPOINT_PATHS = { chat: "/chat/completions", completions: "/completions" } as const;

/**
 * Reads the address of a server, of its API or of one of its endpoints.
 *
 * @param where - what it is called in error messages
 * @throws TypeError, RangeError
 */
export function parseServerUrl(text: string, where: string): ServerUrl {
  const expected = "a URL such as http://127.0.0.1:8000";
  if (typeof text !== "string") throw invalidArgType(where, expected, text);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw outOfRange(where, expected, text);
  // The value is left out of the message: it may be a secret.
  if (url.username + url.password + url.search + url.hash !== "") {
    throw outOfRange(
      where,
      "a URL without user, password, query and fragment",
      `${url.protocol}//…${url.host}…`,
      "A key goes into OPENAI_API_KEY or a header.",
    );
  }
  const path = url.pathname.replace(/\/+$/, "");
  const endpoint = path.endsWith(ENDPOINT_PATHS.chat)
    ? "chat"
    : path.endsWith(ENDPOINT_PATHS.completions)
      ? "completions"
      : null;
  if (endpoint !== null)
    return { base: `${url.origin}${path.slice(0, -ENDPOINT_PATHS[endpoint].length)}`, endpoint };
  const version = /\/v\d+$/.test(path) ? "" : "/v1";
  return { base: `${url.origin}${path}${version}`, endpoint };
}

/** Where requests go. */
export function endpointUrl(base: string, endpoint: HttpEndpoint): string {
  return `${base}${ENDPOINT_PATHS[endpoint]}`;
}

/** Where a server reports of itself: what is above the version. */
export function serverRoot(base: string): string {
  return base.replace(/\/v\d+$/, "");
}
