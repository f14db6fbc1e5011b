/** The `code` of the process's 'warning' event about a profile or a hint. */
export const PROFILE_WARNING = "OPENVINO_LLM_PROFILE";

/** A warning of the process about a profile or a hint. */
export function warnOfProfile(warning: string): void {
  process.emitWarning(warning, { type: "OpenVinoLlmWarning", code: PROFILE_WARNING });
}
