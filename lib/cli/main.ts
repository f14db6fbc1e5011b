#!/usr/bin/env node
import { Command } from "commander";

import { packageVersion } from "../runtime/package-version.js";
import { registerBench } from "./bench.js";
import { registerCache } from "./cache.js";
import { registerChat } from "./chat/chat.js";
import { registerDoctor } from "./doctor/doctor.js";
import { reportFailure } from "./terminal/failure.js";
import { registerGenerate } from "./generate/generate.js";
import { registerModels } from "./models/models.js";
import { registerRuntime } from "./runtime.js";

// Set first: the commands take these settings over when they are registered.
const program = new Command("openvino-llm")
  .description("Large language models on this machine's processor, by OpenVINO GenAI")
  .version(packageVersion(), "-V, --version", "print the version")
  .helpOption("-h, --help", "print what a command takes")
  .helpCommand("help [command]", "print what a command takes")
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "openvino-llm: ")) });

registerGenerate(program);
registerChat(program);
registerBench(program);
registerDoctor(program);
registerModels(program);
registerRuntime(program);
registerCache(program);

// A reader that has seen enough, as in `openvino-llm … | head`, is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
  });
}

program.parseAsync().catch((error: unknown) => {
  process.exitCode = reportFailure(error, process.stderr, process.env);
});
