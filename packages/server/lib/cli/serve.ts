import type { Command } from "commander";

import { destination, pino } from "pino";
import { pullSource } from "./pull-source.js";
import { LlmServer } from "../server/llm-server.js";
import { checkThreads, type InstanceReady } from "../instances/instance.js";
import { serveInstances, warnIfUnprotected } from "./serve-instances.js";
import { untilAsked } from "./until-asked.js";
import { addServeFlags, inOurNames, type ServeFlags } from "./serve-flags.js";
import { serverOptions } from "./serve-options.js";

/** Adds `serve`, for openvino-llm's command. */
export function registerServe(program: Command): void {
  makeServe(program.command("serve").description(SERVE_DESCRIPTION));
}

/** What the command is for. */
export const SERVE_DESCRIPTION = "serve models over HTTP by OpenAI's API";

/** Makes a command the server. The ready line goes to stdout, the log to stderr. */
export function makeServe(command: Command): void {
  command.argument("[models...]", "folders with OpenVINO IR, .gguf files or names in the cache");
  addServeFlags(command).action((models: string[], flags: ServeFlags & Record<string, unknown>) =>
    serve(models, inOurNames(flags)),
  );
}

async function serve(models: readonly string[], flags: ServeFlags): Promise<void> {
  // At once, so that nothing is lost where the process ends.
  const log = pino({ level: flags.logLevel, base: null }, destination({ dest: 2, sync: true }));
  const isInstance = flags.instanceSocket !== undefined;
  if (flags.instances !== undefined && !isInstance) return serveInstances(flags, flags.instances, log);
  const options = await serverOptions(models, flags, process.env, (name) => pullSource(name, log));
  if (options === null) return;
  const server = await LlmServer.start({ ...options, log });
  const stop = untilAsked((delay) => server.drain(delay), log);
  const { host = "127.0.0.1", apiKeys = [] } = options;
  if (!isInstance) warnIfUnprotected(host, apiKeys, log);
  log.info({ url: server.url }, "loading");
  try {
    await server.ready;
    if (isInstance) notifyParent(server.models, () => void server.drain({ delayMs: 0 }));
    else process.stdout.write(`Ready at ${server.url}: ${modelsText(server.models)}\n`);
    await stop.asked;
  } catch (error) {
    // Asked to stop while loading.
    if (!stop.isAsked()) throw error;
  } finally {
    await server.close();
    stop.end();
  }
}

/** Models and what holds of each, for people and for those who wait for the line. */
function modelsText(models: LlmServer["models"]): string {
  const texts = models.map((model) => {
    const context = model.contextLength === null ? [] : [`context ${model.contextLength}`];
    if (model.task !== "text_generation") {
      return `${model.name} (${[model.task, model.pipeline.model.device, ...context].join(", ")})`;
    }
    const { llm } = model;
    const { maxNumSeqs, enablePrefixCaching } = llm.schedulerConfig();
    const parts = [
      llm.model.device,
      ...context,
      `${maxNumSeqs} at once`,
      ...(enablePrefixCaching ? ["prefix caching"] : []),
      ...(llm.profile === null ? [] : [`profile ${llm.profile.file}`]),
    ];
    return `${model.name} (${parts.join(", ")})`;
  });
  return texts.join("; ");
}

/** Where an instance is ready: its parent sends it requests from now on, and it ends with its parent. */
function notifyParent(models: LlmServer["models"], end: () => void): void {
  checkThreads(models);
  process.once("disconnect", end);
  const message: InstanceReady = { ready: modelsText(models) };
  process.send?.(message);
}
