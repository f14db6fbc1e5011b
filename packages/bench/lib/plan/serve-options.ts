import { checkOptionValue, invalidArgType, plainObjectEntries, unknownOption } from "openvino-llm/internal";
import type { HttpEndpoint } from "./server-url.js";

/** A server that the benchmark starts and stops. `undefined` values count as absent. */
export interface ServeOptions {
  /** Which of OpenAI's endpoints is asked. Default "completions". */
  readonly endpoint?: HttpEndpoint | undefined;
  /**
   * Flags of openvino-llm-server in its own form, such as "--max-queue=512". Its engine settings are those of the benchmark's
   * options, and a flag here that changes them changes them for the server alone. Default none.
   */
  readonly flags?: readonly string[] | undefined;
}

/** The same with every value present. */
export interface ResolvedServeOptions {
  /** Which of OpenAI's endpoints is asked. */
  readonly endpoint: HttpEndpoint;
  /** Flags of openvino-llm-server; empty for none. */
  readonly flags: readonly string[];
}

const KNOWN = { endpoint: 1, flags: 1 } as const satisfies Record<keyof ServeOptions, 1>;

/**
 * Checks the options of a server that is started, and fills in the defaults. Its flags are checked by itself.
 *
 * @param where - what they are called in error messages
 * @throws TypeError, RangeError naming the option
 */
export function resolveServeOptions(options: ServeOptions, where: string): ResolvedServeOptions {
  for (const [name, value] of plainObjectEntries(where, options)) {
    if (!Object.hasOwn(KNOWN, name)) throw unknownOption(`${where}.${name}`, name, value, KNOWN);
  }
  const { endpoint = "completions", flags = [] } = options;
  checkOptionValue(`${where}.endpoint`, { kind: "choice", choices: ["completions", "chat"] }, endpoint, null);
  if (!Array.isArray(flags) || !flags.every((flag) => typeof flag === "string" && flag.startsWith("--"))) {
    throw invalidArgType(`${where}.flags`, 'an array of flags such as "--max-queue=512"', flags);
  }
  return { endpoint, flags };
}
