#!/usr/bin/env node
import { packageVersion } from "../runtime/package-version.js";
import { registerCache } from "./cache.js";
import { registerChat } from "./chat/chat.js";
import { addCommandsOf, BENCH, MODEL_TOOLS, SERVER } from "./companion.js";
import { registerDoctor } from "./doctor/doctor.js";
import { registerGenerate } from "./generate/generate.js";
import { registerModels } from "./models/models.js";
import { registerRuntime } from "./runtime.js";
import { createProgram, runProgram } from "./terminal/program.js";

/** No top-level await: nothing in dist/ has one. */
async function main(): Promise<void> {
  const program = createProgram(
    "openvino-llm",
    "Large language models on this machine's processor, with OpenVINO GenAI",
    packageVersion(),
  );
  const words = process.argv.slice(2);
  registerGenerate(program);
  registerChat(program);
  await addCommandsOf(BENCH, program, words);
  await addCommandsOf(SERVER, program, words);
  registerDoctor(program);
  registerModels(program);
  await addCommandsOf(MODEL_TOOLS, program, words);
  registerRuntime(program);
  registerCache(program);
  await runProgram(program);
}

void main();
