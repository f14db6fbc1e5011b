#!/usr/bin/env node
import { createRequire } from "node:module";

import { createProgram, runProgram } from "openvino-llm/internal";
import { registerModelsPrepare } from "./models-prepare.js";
import { registerSynth } from "./models-synth.js";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
const program = createProgram(
  "openvino-llm-model-tools",
  "Makes models that openvino-llm loads: of checkpoints, and with random weights",
  version,
);
registerModelsPrepare(program);
registerSynth(program);
void runProgram(program);
