/** Signals that ask a server to end. */
import { constants } from "node:os";

import type { Logger } from "pino";

import type { DrainOptions } from "../server/llm-server.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The first signal drains; a second one leaves at once. Ctrl-C is a person's, who has no router to wait for. */
export function untilAsked(
  drain: (options: DrainOptions) => Promise<void>,
  log: Logger,
  leave: () => void = () => {},
) {
  let isAsked = false;
  let resolveAsked = (): void => {};
  const asked = new Promise<void>((resolve) => (resolveAsked = resolve));
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isAsked) {
      leave();
      process.exit(128 + constants.signals[signal]);
    }
    isAsked = true;
    log.info({ signal }, "stopping when what runs is done; a second signal stops at once");
    void drain(signal === "SIGINT" ? { delayMs: 0 } : {}).then(resolveAsked);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    asked,
    isAsked: () => isAsked,
    end: () => {
      for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    },
  };
}
