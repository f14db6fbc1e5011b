import { codeOf, OpenVinoLlmError, type ErrorCode } from "../errors/errors.js";
import { shortageError } from "../errors/shortage.js";

/**
 * GenAI's messages begin with the places in its build where they were thrown ("Exception from src/…:123:", "Check
 * '…' failed at …"). Users need the reason; the whole text stays in `cause`.
 */
export function cleanNativeMessage(raw: string): string {
  const reason = raw
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !line.startsWith("Exception from "))
    .join(" ")
    .replaceAll(/Check '.*?' failed at \S+:\d+:/g, "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .replace(/^\[?\d\d:\d\d:\d\d\]?\s*/, "")
    .replace(/^.*\.(?:cc|cpp):\d+: /, "");
  // Some checks of OpenVINO say nothing but what they compared.
  return reason === "" ? (/Check '.*' failed/.exec(raw)?.[0] ?? "OpenVINO gave no reason") : reason;
}

/** The codes of the addon's errors. With ERR_NATIVE the message is OpenVINO's or GenAI's, with the others it is ours. */
const ADDON_CODE = /^ERR_(?:NATIVE|ABORTED|CLOSED|ENGINE_BROKEN|MODEL_LOAD|PROMPT_TOO_LONG)$/;

/**
 * An error that a native message stands for. `context` says what was being done, `addonCode` is the addon's code for
 * it, `code` ours where the message does not say more.
 */
export function nativeError(
  code: ErrorCode,
  context: string,
  raw: string,
  addonCode: string = "ERR_NATIVE",
): OpenVinoLlmError {
  if (addonCode !== "ERR_NATIVE") return new OpenVinoLlmError(addonCode as ErrorCode, raw);
  const shortage = shortageError(context, raw);
  if (shortage !== null) return shortage;
  return new OpenVinoLlmError(refine(code, raw), `${context}: ${cleanNativeMessage(raw)}`, {
    cause: new Error(raw),
  });
}

/** The error of a native call that threw, as one of ours; those that are not the addon's stay. */
export function nativeFailure(code: ErrorCode, context: string, error: unknown): unknown {
  if (error instanceof OpenVinoLlmError) return error;
  const raw = (error as { readonly message?: unknown } | null)?.message;
  const addonCode = codeOf(error) ?? "ERR_NATIVE";
  if (typeof raw !== "string" || !ADDON_CODE.test(addonCode)) return error;
  return nativeError(code, context, raw, addonCode);
}

function refine(code: ErrorCode, raw: string): ErrorCode {
  if (
    /Device with "?.*"? name is not registered|device .* is not (registered|available|supported)/i.test(raw)
  ) {
    return "ERR_DEVICE";
  }
  if (/dropped by the scheduler because it did not fit/.test(raw)) return "ERR_KV_CACHE_FULL";
  return code;
}
