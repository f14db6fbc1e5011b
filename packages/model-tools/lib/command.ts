/** openvino-llm-model-tools/command: the commands of the package, for `openvino-llm models`. */
import type { Command } from "commander";

import { registerModelsPrepare } from "./cli/models-prepare.js";
import { registerSynth } from "./cli/models-synth.js";

/** Adds `prepare` and `synth`. */
export function addCommands(parent: Command): void {
  registerModelsPrepare(parent);
  registerSynth(parent);
}
