import {
  invalidArgType,
  checkOptionValue,
  plainObjectEntries,
  unknownOption,
  type OptionCheck,
} from "openvino-llm/internal";
import { parseServerUrl, type HttpEndpoint } from "./server-url.js";

/** A server to measure. `undefined` values count as absent. */
export interface HttpOptions {
  /**
   * Where an OpenAI-compatible server is: `http://host:8000`, with the version (`/v1`, `/v3`) or the whole path of an
   * endpoint. Where there is no version, `/v1` is added. No user, password, query or fragment: they may be secrets, and
   * the URL is written into the results.
   */
  readonly url: string;
  /** Default: that of the URL, else "completions". */
  readonly endpoint?: HttpEndpoint | undefined;
  /** What the server calls the model, for a single model. Default: as it is called here. */
  readonly servedModelName?: string | undefined;
  /** Measure each model in this process as well, and what HTTP costs beside that. Default false. */
  readonly inProcess?: boolean | undefined;
}

/** The same with every value present. */
export interface ResolvedHttpOptions {
  /** With the version, without a slash at the end: `http://host:8000/v1`. */
  readonly url: string;
  /** Which of OpenAI's endpoints is asked. */
  readonly endpoint: HttpEndpoint;
  /** Null where the model's own name is sent. */
  readonly servedModelName: string | null;
  /** Each model is measured in this process as well. */
  readonly inProcess: boolean;
}

const CHECKS: Readonly<Partial<Record<keyof HttpOptions, OptionCheck>>> = {
  endpoint: { kind: "choice", choices: ["completions", "chat"] },
  inProcess: { kind: "boolean" },
};
const OTHERS = { url: 1, servedModelName: 1 } as const;

/**
 * Checks the options of a server and fills in the defaults.
 *
 * @param where - what they are called in error messages
 * @throws TypeError, RangeError naming the option
 */
export function resolveHttpOptions(options: HttpOptions, where: string): ResolvedHttpOptions {
  const known = { ...CHECKS, ...OTHERS };
  for (const [name, value] of plainObjectEntries(where, options)) {
    const full = `${where}.${name}`;
    if (!Object.hasOwn(known, name)) throw unknownOption(full, name, value, known);
    const check = CHECKS[name as keyof HttpOptions];
    if (value !== undefined && check !== undefined) checkOptionValue(full, check, value, null);
  }
  const { servedModelName, inProcess = false } = options;
  if (servedModelName !== undefined && (typeof servedModelName !== "string" || servedModelName === "")) {
    throw invalidArgType(`${where}.servedModelName`, "the name of a model", servedModelName);
  }
  const { base, endpoint } = parseServerUrl(options.url, `${where}.url`);
  if (endpoint !== null && options.endpoint !== undefined && options.endpoint !== endpoint) {
    throw invalidArgType(`${where}.endpoint`, `"${endpoint}" as in the URL`, options.endpoint);
  }
  return {
    url: base,
    endpoint: options.endpoint ?? endpoint ?? "completions",
    servedModelName: servedModelName ?? null,
    inProcess,
  };
}
