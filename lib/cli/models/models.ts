import type { Command } from "commander";

import { registerInspect } from "./models-inspect.js";
import { registerPull } from "./models-pull.js";
import { registerStore } from "./models-store.js";
import { registerVerify } from "./models-verify.js";

/** Adds `models …`. Results go to stdout, progress to stderr; errors go up. */
export function registerModels(program: Command): void {
  const models = program
    .command("models")
    .description("pull, prepare, synthesise, inspect, verify and remove models; find them");
  registerPull(models);
  registerStore(models);
  registerInspect(models);
  registerVerify(models);
}
