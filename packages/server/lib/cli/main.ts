#!/usr/bin/env node
import { createProgram, runProgram } from "openvino-llm/internal";
import { VERSION } from "../server/make-service.js";
import { registerRunBatch } from "./run-batch.js";
import { makeServe } from "./serve.js";

const program = createProgram(
  "openvino-llm-server",
  "Serves models on this machine's processor over HTTP, by OpenAI's API",
  VERSION,
);
makeServe(program);
// What stands after the name of a command is that command's.
program.enablePositionalOptions();
registerRunBatch(program);
void runProgram(program);
