#!/usr/bin/env node
import { createRequire } from "node:module";

import { createProgram, runProgram } from "openvino-llm/internal";
import { makeBench } from "./bench.js";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
const program = createProgram(
  "openvino-llm-bench",
  "Measures models on this machine: time to first token, time per token, throughput, by load",
  version,
);
makeBench(program);
void runProgram(program);
