/** What OpenVINO's CPU plugin puts into force for given properties on this processor, as the rules need it. */
import { openBinding } from "../native/binding.js";
import type { NativePluginSettings } from "../native/native-plugin.js";
import { nativeFailure } from "../native/native-errors.js";
import { pluginProperties } from "../options/properties.js";

/** Settings in force. */
export interface PluginSettings {
  /** The plugin's properties by name, as text. */
  readonly properties: ReadonlyMap<string, string>;
  /** Threads that one inference runs on. */
  readonly threadsPerStream: number;
  /** What oneDNN may use: what the processor has, less what ONEDNN_MAX_CPU_ISA rules out. */
  readonly instructions: {
    readonly vnni: boolean;
    readonly bf16: boolean;
    readonly amx: boolean;
    readonly amxFp16: boolean;
  };
}

/** No settings. */
const NOT_SETTINGS: ReadonlySet<string> = new Set([
  "SUPPORTED_PROPERTIES",
  "RUNTIME_REQUIREMENTS",
  "NETWORK_NAME",
]);

/**
 * Asks the plugin, by compiling one multiplication, off the JavaScript thread.
 *
 * @param runtimeOptions - those of the model, which hold where no property says otherwise.
 * @throws (by rejection) OpenVinoLlmError where the plugin refuses a property
 */
export async function askPlugin(
  properties: readonly (readonly [string, string])[],
  runtimeOptions: ReadonlyMap<string, string>,
): Promise<PluginSettings> {
  const { core } = openBinding();
  const asked = core.pluginSettings(pluginProperties(properties), [...runtimeOptions]);
  return settingsOf(
    await asked.catch((error: unknown) => {
      throw nativeFailure("ERR_NATIVE", "OpenVINO could not be asked for its settings", error);
    }),
  );
}

/** Reads what the plugin says. Pure. */
export function settingsOf({ properties, threadsPerStream }: NativePluginSettings): PluginSettings {
  // oneDNN's own words, such as "Intel AVX10.1 and Intel AMX with bfloat16 and 8-bit integer support".
  const isa = /(?:^|;)isa=([^;]*)/.exec(properties["RUNTIME_REQUIREMENTS"] ?? "")?.[1] ?? "";
  const isAvx10 = /\bAVX ?10/.test(isa);
  const amx = /\bAMX\b/.test(isa);
  return {
    properties: new Map(Object.entries(properties).filter(([name]) => !NOT_SETTINGS.has(name))),
    threadsPerStream,
    instructions: {
      vnni: isAvx10 || /\bDL Boost\b/.test(isa),
      bf16: isAvx10 || /\bbfloat16\b/.test(isa),
      amx,
      amxFp16: amx && /\bfloat16\b/.test(isa),
    },
  };
}
