// openvino-llm-server in a process of its own, which ends with this one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../packages/server/dist/cli/main.js", import.meta.url));

/** Starts a server with these arguments and waits until it is ready. */
export async function startServer(args) {
  const command = [MAIN, ...args, "--log-level", "error"];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const closed = once(child, "close");
  void closed.then(() => process.off("exit", kill));
  const [line] = await Promise.race([once(child.stdout.setEncoding("utf8"), "data"), closed]);
  const url = /^Ready at (\S+):/.exec(line)?.[1];
  if (url === undefined)
    throw new Error(`The server ended with ${child.signalCode ?? child.exitCode} before it was ready.`);
  return { child, closed, url };
}
