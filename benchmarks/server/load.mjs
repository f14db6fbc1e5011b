// Loads a server as clients do that are not kind: they leave, read slowly, send half a request. Starts openvino-llm-server
// with a model in a process of its own, warms it up by the prompts of the load, lets the clients at it, and prints what came
// of it. Exit code 1 where a request did not end as it should, memory grew by more than a tenth, the cache is not empty, or
// health is not good.
//   node benchmarks/server/load.mjs MODEL [--clients 64] [--seconds 120] [--seed 1]
// Needs dist/.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { values, positionals } = parseArgs({
  options: {
    clients: { type: "string", default: "64" },
    seconds: { type: "string", default: "120" },
    seed: { type: "string", default: "1" },
  },
  allowPositionals: true,
});
const [model] = positionals;
if (model === undefined) throw new Error("Expected a model: node benchmarks/server/load.mjs MODEL");
/** Words of the prompts: each new length costs memory for its kernels, so there are few. */
const PROMPT_WORDS = [4, 16, 64, 128];
const MAX_TOKENS = 48;

const server = spawn(
  process.execPath,
  [join(root, "packages/server/dist/cli/main.js"), model, "--port", "0", "--log-level", "error"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
process.once("exit", () => server.kill("SIGKILL"));
const [ready] = await once(server.stdout.setEncoding("utf8"), "data");
const url = /^Ready at (\S+):/.exec(ready)[1];

let state = Number(values.seed) >>> 0;
/** Numbers from 0 to below 1, the same for the same seed (xorshift). */
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state / 2 ** 32;
}
state ||= 1;

const counts = {};
const count = (what) => (counts[what] = (counts[what] ?? 0) + 1);

function bodyOf(words, stream) {
  const messages = [{ role: "user", content: Array.from({ length: words }, () => "sun").join(" ") }];
  return JSON.stringify({ messages, stream, max_tokens: MAX_TOKENS, temperature: 0 });
}

/** A request by Node's client; gives the answer's head. */
function begin(body, headers = {}) {
  const request = httpRequest(`${url}/v1/chat/completions`, { method: "POST", agent: false, headers });
  const answer = new Promise((resolve, reject) => request.once("response", resolve).once("error", reject));
  request.end(body);
  return { request, answer };
}

/** Reads all of a stream, slowly where that is wished for, and sees that it is whole. */
async function read(words, pauseMs) {
  const { answer } = begin(bodyOf(words, true));
  const response = await answer;
  let text = "";
  for await (const part of response.setEncoding("utf8")) {
    text += part;
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  if (response.statusCode === 429) return count("no room");
  const isWhole =
    text.endsWith("data: [DONE]\n\n") &&
    /"finish_reason":"(?:stop|length)"/.test(text) &&
    !text.includes('"error"');
  count(isWhole ? "streamed" : "BROKEN STREAM");
}

const KINDS = {
  stream: (words) => read(words, 0),
  slow: (words) => read(words, 20),
  whole: async (words) => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      body: bodyOf(words, false),
    });
    const body = await response.json();
    if (response.status === 429) count("no room");
    else count(body.choices?.[0]?.message.content === undefined ? "BROKEN ANSWER" : "answered");
  },
  leave: async (words) => {
    const { request, answer } = begin(bodyOf(words, random() < 0.7));
    request.on("error", () => undefined);
    answer.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, random() * 1000));
    request.destroy();
    count("left");
  },
  half: async () => {
    const socket = connect(Number(new URL(url).port), new URL(url).hostname);
    socket.on("error", () => undefined);
    const whole = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{"messages`;
    socket.write(whole.slice(0, 1 + Math.floor(random() * whole.length)));
    await new Promise((resolve) => setTimeout(resolve, random() * 200));
    socket.destroy();
    count("half sent");
  },
  wrong: async () => {
    const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", body: '{"messages": 5}' });
    await response.arrayBuffer();
    count(response.status === 400 ? "refused" : "NOT REFUSED");
  },
};
const NAMES = ["stream", "stream", "stream", "slow", "whole", "whole", "leave", "leave", "half", "wrong"];

const memoryBytes = () =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))[1]) * 1024;
const figure = async (name) => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name}\\{[^}]*\\} (.*)$`, "m").exec(text)[1]);
};
const settled = async () => {
  while ((await figure("vllm:num_requests_running")) + (await figure("vllm:num_requests_waiting")) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

async function clientsUntil(endMs) {
  const client = async () => {
    while (performance.now() < endMs) {
      const words = PROMPT_WORDS[Math.floor(random() * PROMPT_WORDS.length)];
      await KINDS[NAMES[Math.floor(random() * NAMES.length)]](words);
    }
  };
  await Promise.all(Array.from({ length: Number(values.clients) }, client));
  await settled();
}

// The same kinds and lengths, all at once, so that everything that is made once is made.
await clientsUntil(performance.now() + 20_000);
const warmBytes = memoryBytes();
for (const name of Object.keys(counts)) delete counts[name];
await clientsUntil(performance.now() + Number(values.seconds) * 1000);
const afterBytes = memoryBytes();
const cache = await figure("vllm:kv_cache_usage_perc");
const health = (await fetch(`${url}/health`)).status;
server.kill("SIGTERM");
const [code] = await once(server, "exit");

const growth = afterBytes / warmBytes - 1;
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
console.log(`${values.clients} clients, ${values.seconds} s, seed ${values.seed}: ${model}`);
for (const [what, times] of Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`${what}: ${times}`);
console.log(
  `memory: ${mebibytes(warmBytes)} warm, ${mebibytes(afterBytes)} after (${(growth * 100).toFixed(1)} %)`,
);
console.log(`cache in use: ${cache}; health: ${health}; exit code: ${code}`);
const isBroken = Object.keys(counts).some((what) => what === what.toUpperCase());
if (isBroken || growth > 0.1 || cache !== 0 || health !== 200 || code !== 0) process.exitCode = 1;
