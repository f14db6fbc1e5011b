/** `serve --instances`: several processes of the server behind one port. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { outOfRange } from "openvino-llm/internal";
import type { Logger } from "pino";

import { createBalancer } from "../instances/balancer.js";
import { allowedCpus, dealCpus } from "../instances/cpu-sets.js";
import { Instance } from "../instances/instance.js";
import { isLoopback, urlOf } from "../server/llm-server.js";
import { serverNumbers } from "../server/server-options.js";
import type { ServeFlags } from "./serve-flags.js";
import { apiKeys, readConfig } from "./serve-options.js";
import { untilAsked } from "./until-asked.js";

/** For an instance that has nothing to do to end. */
const END_MS = 5000;
const IDLE_CHECK_MS = 100;

/** Serves until a signal comes. @throws (by rejection) RangeError, and OpenVinoLlmError where an instance does not start */
export async function serveInstances(flags: ServeFlags, count: number, log: Logger): Promise<void> {
  if (count < 1) throw outOfRange("--instances", "1 or more", count);
  const cpuSets = dealCpus(allowedCpus(readOrNull), count);
  const config = await readConfig(flags.config);
  const host = flags.host ?? config.host ?? "127.0.0.1";
  warnIfUnprotected(host, await apiKeys(flags.apiKeyFile ?? config.apiKeyFile, process.env), log);
  const numbers = serverNumbers({
    ...config,
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags.drainDelay === undefined ? {} : { drainDelayMs: flags.drainDelay * 1000 }),
    ...(flags.drainTimeout === undefined ? {} : { drainTimeoutMs: flags.drainTimeout * 1000 }),
  });
  const folder = await mkdtemp(join(tmpdir(), "openvino-llm-server-"));
  const { execPath, execArgv, argv } = process;
  const instances: Instance[] = [];
  let isDraining = false;
  const http = createBalancer({ instances, isDraining: () => isDraining, ...numbers, log });
  const kill = (): void => {
    for (const instance of instances) instance.kill();
  };
  const stop = untilAsked(
    async ({ delayMs = numbers.drainDelayMs }) => {
      isDraining = true;
      if (instances.every(({ isReady }) => isReady)) await pause(delayMs);
      await closed(http, numbers.drainTimeoutMs);
    },
    log,
    kill,
  );
  try {
    http.listen(numbers.port, host);
    await once(http, "listening");
    for (const [rank, cpus] of cpuSets.entries()) {
      const socketPath = join(folder, `${rank}.sock`);
      const command = [execPath, ...execArgv, ...argv.slice(1), "--instance-socket", socketPath];
      instances.push(new Instance({ rank, cpus, socketPath, command, log }));
    }
    log.info({ url: urlOf(http), cpus: cpuSets }, "loading");
    const ready = Promise.all(instances.map(({ firstReady }) => firstReady));
    const models = await Promise.race([ready, stop.asked]);
    if (models !== undefined) {
      const sets = cpuSets.map((cpus) => cpus.join(",")).join(" | ");
      process.stdout.write(`Ready at ${urlOf(http)}: ${count} instances on CPUs ${sets}: ${models[0]}\n`);
      await stop.asked;
    }
  } finally {
    await closed(http, 0);
    await Promise.all(instances.map((instance) => instance.stop(END_MS)));
    stop.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Says once that an address is open to everybody, where it is. */
export function warnIfUnprotected(host: string, keys: readonly string[], log: Logger): void {
  if (isLoopback(host) || keys.length > 0) return;
  log.warn(
    { host },
    "everybody who reaches this address may ask: give --api-key-file, or listen at 127.0.0.1",
  );
}

/** Takes no more connections, and waits that long for what runs. */
async function closed(http: Server, timeoutMs: number): Promise<void> {
  if (!http.listening) return;
  const over = new Promise<void>((resolve) => http.close(() => resolve()));
  const idle = setInterval(() => http.closeIdleConnections(), IDLE_CHECK_MS);
  const limit = setTimeout(() => http.closeAllConnections(), timeoutMs);
  await over;
  clearInterval(idle);
  clearTimeout(limit);
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
