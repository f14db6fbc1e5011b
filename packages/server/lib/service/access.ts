/** Who may ask: API keys, and pages of other origins. */
import { createHash, timingSafeEqual } from "node:crypto";

import { ApiError } from "../errors/api-error.js";
import type { ServiceRequest } from "./service-message.js";

/** Who may ask. */
export interface AccessRules {
  /** Empty: everybody. */
  readonly apiKeys: readonly string[];
  /** Origins of pages in browsers that may ask, such as `https://chat.example.com`; "*" for all. The server's own may always. */
  readonly allowedOrigins: readonly string[];
  /** Whether only loopback names may stand in `Host`, so that no page reaches this server by a name of its own. */
  readonly onlyLoopbackHosts: boolean;
}

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** Compares keys in constant time: by their hashes, all of them each time. */
export class AccessCheck {
  readonly #hashes: readonly Buffer[];
  readonly #rules: AccessRules;

  constructor(rules: AccessRules) {
    this.#rules = rules;
    this.#hashes = rules.apiKeys.map(hashOf);
  }

  /** @throws ApiError 403 for a page, or a name of this server, that may not */
  checkOrigin({ header }: ServiceRequest): void {
    const [origin, host] = [header("origin"), header("host")];
    if (this.#rules.onlyLoopbackHosts && host !== undefined && !LOOPBACK_HOST.test(host)) {
      throw forbidden(
        `This server is called ${host} in the request but listens for this machine alone. Give it an API key.`,
      );
    }
    if (origin === undefined || this.allowsOrigin(origin) || (host !== undefined && hostOf(origin) === host))
      return;
    throw forbidden("Pages of this origin may not ask this server.");
  }

  /** Whether pages of an origin may ask, the server's own aside. */
  allowsOrigin(origin: string): boolean {
    const { allowedOrigins } = this.#rules;
    return allowedOrigins.includes("*") || allowedOrigins.includes(origin);
  }

  /** @throws ApiError 401 */
  checkKey({ header }: ServiceRequest): void {
    if (this.#hashes.length === 0) return;
    const bearer = /^Bearer\s+(.+)$/i.exec(header("authorization") ?? "")?.[1];
    const given = hashOf(bearer ?? header("x-api-key") ?? "");
    let matches = false;
    for (const hash of this.#hashes) if (timingSafeEqual(hash, given)) matches = true;
    if (matches) return;
    throw new ApiError({
      status: 401,
      message:
        'Expected an API key of this server as "Authorization: Bearer KEY" or "x-api-key: KEY" but received another or none.',
      code: "invalid_api_key",
    });
  }
}

/** Undefined for "null" and what else is no address. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function forbidden(message: string): ApiError {
  return new ApiError({ status: 403, message, code: "forbidden" });
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
