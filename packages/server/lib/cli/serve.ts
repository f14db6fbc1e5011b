import { constants } from "node:os";

import type { Command } from "commander";

import { destination, pino, type Logger } from "pino";
import { pullSource } from "./pull-source.js";
import { isLoopback, LlmServer } from "../server/llm-server.js";
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
  const options = await serverOptions(models, flags, process.env, (name) => pullSource(name, log));
  if (options === null) return;
  const server = await LlmServer.start({ ...options, log });
  const stop = untilAsked(server, log);
  const { host = "127.0.0.1", apiKeys = [] } = options;
  if (!isLoopback(host) && apiKeys.length === 0) {
    log.warn(
      { host },
      "everybody who reaches this address may ask: give --api-key-file, or listen at 127.0.0.1",
    );
  }
  log.info({ url: server.url }, "loading");
  try {
    await server.ready;
    process.stdout.write(`${readyLine(server)}\n`);
    await stop.asked;
  } catch (error) {
    // Asked to stop while loading.
    if (!stop.isAsked()) throw error;
  } finally {
    await server.close();
    stop.end();
  }
}

/** Address, models and what holds of each, for people and for those who wait for the line. */
function readyLine({ url, models }: LlmServer): string {
  const told = models.map((model) => {
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
  return `Ready at ${url}: ${told.join("; ")}`;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The first signal drains; a second one leaves at once. Ctrl-C is a person's, who has no router to tell. */
function untilAsked(server: LlmServer, log: Logger) {
  let isAsked = false;
  let resolveAsked = (): void => {};
  const asked = new Promise<void>((resolve) => (resolveAsked = resolve));
  const hear = (signal: NodeJS.Signals): void => {
    if (isAsked) process.exit(128 + constants.signals[signal]);
    isAsked = true;
    log.info({ signal }, "stopping when what runs is done; a second signal stops at once");
    void server.drain(signal === "SIGINT" ? { delayMs: 0 } : {}).then(resolveAsked);
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return {
    asked,
    isAsked: () => isAsked,
    end: () => {
      for (const signal of SIGNALS) process.removeListener(signal, hear);
    },
  };
}
