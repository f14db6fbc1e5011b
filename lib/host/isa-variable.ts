/** The variable of oneDNN that limits the instruction sets of a process. */

/** Its name. */
export const ISA_VARIABLE = "ONEDNN_MAX_CPU_ISA";
/** Its former name. */
export const FORMER_ISA_VARIABLE = "DNNL_MAX_CPU_ISA";

/** The limit that an environment sets; null for none. */
export function isaLimitIn(env: NodeJS.ProcessEnv): string | null {
  return env[ISA_VARIABLE] ?? env[FORMER_ISA_VARIABLE] ?? null;
}
