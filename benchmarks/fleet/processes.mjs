// The processes of a fleet: replicas of openvino-llm-server, and a router in front of them.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonPackages } from "../../scripts/python-packages.mjs";
import { startServer } from "../shared/server.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const living = new Set();
process.once("exit", () => living.forEach((child) => child.kill("SIGKILL")));

function start(command, args, env) {
  const all = { ...process.env, NODE_OPTIONS: "", ...env };
  const child = spawn(command, args, { env: all, stdio: ["ignore", "ignore", "pipe"] });
  child.said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (child.said = (child.said + text).slice(-4000)));
  living.add(child);
  child.once("close", () => living.delete(child));
  return child;
}

async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, "close");
}

/** Waits until something holds. Whoever runs the trial ends it where it never does. */
export async function until(holds) {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** One server, at the same port each time it is started. One inference thread, so that three share a small machine. */
export class Replica {
  #model;
  #args;
  #server;
  url = "";

  constructor(model, args) {
    this.#model = model;
    this.#args = args;
  }

  async start() {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const own = ["--port", port, "--model-name", "model", "--threads", "1"];
    this.#server = await startServer([this.#model, ...own, ...this.#args]);
    this.url = this.#server.url;
  }

  /** Sends a signal and waits for the end. */
  async end(signal) {
    const { child, closed } = this.#server;
    child.kill(signal);
    await closed;
    return child.exitCode;
  }

  /** A figure of its metrics. */
  async figure(name) {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name}\\{[^}]*\\} (.*)$`, "m").exec(text)[1]);
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return String(port);
}

const HEALTH =
  "--health-check-interval-secs 1 --health-failure-threshold 2 --health-success-threshold 1".split(" ");
const RUST_ROUTER = async (requirements, module, policy, port, urls) => {
  const { python, env } = await pythonPackages(here(requirements));
  const own = ["--host", "127.0.0.1", "--port", port, "--prometheus-port", await freePort()];
  const args = [...own, "--policy", policy, "--log-level", "error", ...HEALTH, "--worker-urls", ...urls];
  return start(python, ["-m", ...module, ...args], env);
};

/** The routers: how each is started; rejects with why one cannot be had. */
const ROUTERS = {
  smg: (...how) => RUST_ROUTER("requirements-smg.txt", ["smg", "launch"], ...how),
  "vllm-router": (...how) =>
    RUST_ROUTER("requirements-vllm-router.txt", ["vllm_router.launch_router"], ...how),
  haproxy: async (_policy, port, urls) => {
    await promisify(execFile)("haproxy", ["-v"]);
    const addresses = urls.map((url, index) => [`REPLICA_${index + 1}`, new URL(url).host]);
    const env = { FLEET_PORT: port, ...Object.fromEntries(addresses) };
    return start("haproxy", ["-db", "-f", here("haproxy.cfg")], env);
  },
};
export const ROUTER_NAMES = Object.keys(ROUTERS);

/** A router that answers; null, and why, where it is not to be had here. */
export async function startRouter(name, policy, replicas) {
  const urls = replicas.map(({ url }) => url);
  const port = await freePort();
  let child;
  try {
    child = await ROUTERS[name](policy, port, urls);
  } catch (error) {
    return { router: null, reason: error.message.split("\n", 1)[0] };
  }
  const url = `http://127.0.0.1:${port}`;
  const end = async () => {
    child.kill("SIGKILL");
    await ended(child);
  };
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${child.said}`);
    const body = JSON.stringify({ model: "model", prompt: "a", max_tokens: 1 });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}/v1/completions`, { method: "POST", headers, body }).catch(() => null);
    await answer?.arrayBuffer();
    return answer?.status === 200;
  });
  return { router: { name, url, end }, reason: null };
}
