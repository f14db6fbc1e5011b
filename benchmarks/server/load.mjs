// Loads a server as clients do that are not kind: they leave, read slowly, send half a request. Starts openvino-llm-server
// with a model in a process of its own, warms it up by the prompts of the load, lets the clients at it, and prints what came
// of it. Exit code 1 where a request did not end as it should, memory grew by more than a tenth, the cache is not empty, or
// health is not good. Of the chain model each answer is known, and another one with each request: so no request has a token of
// another.
//   node benchmarks/server/load.mjs MODEL|--chain [--clients 64] [--seconds 120] [--warm-up-seconds 20] [--seed 1] [-- FLAGS…]
// Flags behind "--" are the server's. The warm-up is repeated until memory stands still; of 0 seconds there is none, and
// memory is not judged.
// Needs dist/.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeChainModel } from "../../dist/models/gguf/chain-model.js";
import { randomNumbers } from "../../scripts/random-numbers.mjs";
import { startServer } from "../shared/server.mjs";

const { values, positionals } = parseArgs({
  options: {
    clients: { type: "string", default: "64" },
    seconds: { type: "string", default: "120" },
    "warm-up-seconds": { type: "string", default: "20" },
    chain: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
  allowPositionals: true,
});
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const folder = mkdtempSync(join(tmpdir(), "openvino-llm-load-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const [model, ...flags] = values.chain ? [join(folder, "chain.gguf"), ...positionals] : positionals;
if (model === undefined)
  throw new Error("Expected a model: node benchmarks/server/load.mjs MODEL, or --chain");
if (values.chain) await writeChainModel(model, { text: LETTERS, loop: true });
/** Words of the prompts: each new length costs memory for its kernels, so there are few. */
const PROMPT_WORDS = [4, 16, 64, 128];
const MAX_TOKENS = 48;
/** What a round of the warm-up may add to memory that stands still. */
const STILL = 0.02;
const MAX_ROUNDS = 20;

const { child: server, closed, url } = await startServer([model, ...flags, "--port", "0"]);

const random = randomNumbers(Number(values.seed));

const counts = {};
const count = (what) => (counts[what] = (counts[what] ?? 0) + 1);

const PATH = values.chain ? "/v1/completions" : "/v1/chat/completions";

/** A request for an answer, and the text of that where it is known. */
function question(words, stream) {
  const text = Array.from({ length: words }, () => "sun").join(" ");
  const common = { stream, max_tokens: MAX_TOKENS, temperature: 0, ignore_eos: true };
  if (!values.chain) {
    return {
      body: JSON.stringify({ messages: [{ role: "user", content: text }], ...common }),
      expected: null,
    };
  }
  const at = Math.floor(random() * LETTERS.length);
  const expected = Array.from(
    { length: MAX_TOKENS },
    (_, index) => LETTERS[(at + 1 + index) % LETTERS.length],
  );
  return {
    body: JSON.stringify({ prompt: `${text} ${LETTERS[at]}`, ...common }),
    expected: expected.join(""),
  };
}

/** Counts an answer that came whole, by whether it is the right one where that is known. */
function judge(text, expected, what) {
  count(expected === null || text === expected ? what : "WRONG TEXT");
}

/** A request by Node's client; gives the answer's head. */
function begin(body, headers = {}) {
  const request = httpRequest(`${url}${PATH}`, { method: "POST", agent: false, headers });
  const answer = new Promise((resolve, reject) => request.once("response", resolve).once("error", reject));
  request.end(body);
  return { request, answer };
}

/** Reads all of a stream, slowly where that is asked for, and checks that it is whole. */
async function read(words, pauseMs) {
  const { body, expected } = question(words, true);
  const response = await begin(body).answer;
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
  if (!isWhole) return count("BROKEN STREAM");
  const events = text.match(/^data: \{.*$/gm).map((line) => JSON.parse(line.slice("data: ".length)));
  judge(events.map(({ choices: [choice] }) => choice.text ?? "").join(""), expected, "streamed");
}

const KINDS = {
  stream: (words) => read(words, 0),
  slow: (words) => read(words, 20),
  whole: async (words) => {
    const { body, expected } = question(words, false);
    const response = await fetch(`${url}${PATH}`, { method: "POST", body });
    const { choices } = await response.json();
    if (response.status === 429) return count("no room");
    const text = choices?.[0]?.text ?? choices?.[0]?.message?.content;
    if (text === undefined) return count("BROKEN ANSWER");
    judge(text, expected, "answered");
  },
  leave: async (words) => {
    const { request, answer } = begin(question(words, random() < 0.7).body);
    request.on("error", () => undefined);
    answer.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, random() * 1000));
    request.destroy();
    count("left");
  },
  half: async () => {
    const socket = connect(Number(new URL(url).port), new URL(url).hostname);
    socket.on("error", () => undefined);
    const whole = `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{"messages`;
    socket.write(whole.slice(0, 1 + Math.floor(random() * whole.length)));
    await new Promise((resolve) => setTimeout(resolve, random() * 200));
    socket.destroy();
    count("half sent");
  },
  wrong: async () => {
    const response = await fetch(`${url}${PATH}`, { method: "POST", body: '{"messages": 5}' });
    await response.arrayBuffer();
    count(response.status === 400 ? "refused" : "NOT REFUSED");
  },
};
const NAMES = ["stream", "stream", "stream", "slow", "whole", "whole", "leave", "leave", "half", "wrong"];

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const CACHE_BYTES = "openvino_llm_kv_cache_bytes";
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

// Until everything that is made once is made: the cache for as many tokens as can meet, by all clients with the longest prompt
// at once, and kernels for each number of tokens in a step, by the same kinds and lengths.
await Promise.all(
  Array.from({ length: Number(values.clients) }, () => KINDS.whole(Math.max(...PROMPT_WORDS))),
);
await settled();
let warmBytes = memoryBytes();
const warmUpMs = Number(values["warm-up-seconds"]) * 1000;
const mostRounds = warmUpMs > 0 ? MAX_ROUNDS : 0;
for (let round = 0; round < mostRounds; round++) {
  const beforeBytes = warmBytes;
  await clientsUntil(performance.now() + warmUpMs);
  warmBytes = memoryBytes();
  console.log(`warm-up: ${mebibytes(warmBytes)}, of it the cache ${mebibytes(await figure(CACHE_BYTES))}`);
  if (warmBytes < beforeBytes * (1 + STILL)) break;
}
for (const name of Object.keys(counts)) delete counts[name];
await clientsUntil(performance.now() + Number(values.seconds) * 1000);
const afterBytes = memoryBytes();
const cache = await figure("vllm:kv_cache_usage_perc");
const cacheBytes = await figure(CACHE_BYTES);
const health = (await fetch(`${url}/health`)).status;
server.kill("SIGTERM");
const [code] = await closed;

const growth = afterBytes / warmBytes - 1;
console.log(
  `${values.clients} clients, ${values.seconds} s, seed ${values.seed}: ${values.chain ? "the chain model" : model}`,
);
for (const [what, times] of Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`${what}: ${times}`);
console.log(
  `memory: ${mebibytes(warmBytes)} warm, ${mebibytes(afterBytes)} after (${(growth * 100).toFixed(1)} %), of it the cache ${mebibytes(cacheBytes)}`,
);
console.log(`cache in use: ${cache}; health: ${health}; exit code: ${code}`);
const isBroken = Object.keys(counts).some((what) => what === what.toUpperCase());
const hasGrown = warmUpMs > 0 && growth > 0.1;
if (isBroken || hasGrown || cache !== 0 || health !== 200 || code !== 0) process.exitCode = 1;
