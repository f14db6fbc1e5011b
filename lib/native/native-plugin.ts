/** What OpenVINO's CPU plugin reports of a model before it is loaded. */

/** The settings that it puts into force. */
export interface NativePluginSettings {
  /** All of the plugin's properties, as text. */
  properties: Record<string, string>;
  /** Threads that one inference runs on. */
  threadsPerStream: number;
}

/** Gated feed-forward networks of a graph that are alike: `down(act(gate(x)) * up(x))`. */
export interface NativeGatedMlp {
  hiddenSize: number;
  intermediateSize: number;
  gateUpWeights: MlpWeights;
  downWeights: MlpWeights;
  /** Gate and up are one matrix. */
  isCombined: boolean;
  count: number;
}

/** "i8": signed 8 bits with one scale for each row. */
export type MlpWeights = "f32" | "f16" | "bf16" | "i8";
