// Whether the client of `openvino-llm bench --http` measures what a server does: its figures beside those of a server with
// known gaps that keeps its own times, and what the client costs beside one of Node's `fetch`.
//   node benchmarks/http/run.mjs [--repetitions 3] [--quick] [--seed 1] [--out DIR] [--docs]
// Needs a built checkout and about a minute. DIR gets results.jsonl and summary.md; --docs also puts the summary into
// docs/performance.md.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { AnswerReader } from "../../packages/bench/dist/http/answer-reader.js";
import { HttpClient } from "../../packages/bench/dist/http/client.js";
import { requestBody } from "../../packages/bench/dist/http/request-body.js";
import { HttpTarget } from "../../packages/bench/dist/http/http-target.js";
import { wordPrompts } from "../../packages/bench/dist/prompts/word-prompts.js";
import { runLevel, runMetrics } from "../../packages/bench/dist/index.js";
import { clockMs } from "../../packages/bench/test/helpers/mock-openai-server.mjs";
import { readOptions } from "../shared/options.mjs";
import { openResults, runMain, say } from "../shared/results.mjs";
import { summaryOf } from "./report.mjs";

const SERVER = fileURLToPath(
  new URL("../../packages/bench/test/helpers/mock-openai-server.mjs", import.meta.url),
);
/** Every second request is slow, and no other one is within the service level. */
const TIMING = { ttftMs: 50, tpotMs: 10, slowTpotMs: 20 };
const SERVICE_LEVELS = { tpotMs: 15 };
const OUTPUT_TOKENS = 64;
const WAVES = 4;
const SHAPE = { model: "mock", endpoint: "completions", leftOut: [] };

/** How much is measured: enough for a figure, or just enough to see that all works. */
const SIZES = {
  full: { levels: [1, 8, 32], repetitions: 3 },
  quick: { levels: [1, 8], repetitions: 1 },
};

/** Ours, and what it is compared with: the same reader of the stream behind `fetch`. */
const CLIENTS = { http: httpClient, fetch: fetchClient };

await runMain(main);

async function main() {
  const { size, repetitions, seed, out, docs } = readOptions("repetitions", SIZES);
  const { rows, record, finish } = await openResults({ bench: "http", out, seed });
  await record({
    part: "setting",
    ...TIMING,
    serviceLevels: SERVICE_LEVELS,
    outputTokens: OUTPUT_TOKENS,
    repetitions,
  });
  const prompts = wordPrompts(seed);
  let next = 0;
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    for (const concurrency of size.levels) {
      const names = Object.keys(CLIENTS);
      for (const client of repetition % 2 === 1 ? names : names.toReversed()) {
        const requests = Array.from({ length: WAVES * concurrency + concurrency }, () => ({
          prompt: prompts.prompt(next++, 128),
          outputLength: OUTPUT_TOKENS,
        }));
        const cell = await measure(client, concurrency, requests);
        say(
          `${client}, ${concurrency} at once: client ${cell.cpuUs.toFixed(1)} µs/token, lag ${cell.lagUs.median.toFixed(0)} µs`,
        );
        await record({ part: "cell", repetition, client, concurrency, ...cell });
      }
    }
  }
  await finish(summaryOf(rows), { docs });
}

/** One level against a server of its own. */
async function measure(name, concurrency, all) {
  const [warmup, requests] = [all.slice(0, concurrency), all.slice(concurrency)];
  const server = spawn(process.execPath, [SERVER, JSON.stringify(TIMING)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(server.stdout, "data");
    const url = String(line).trim();
    const { target, close } = CLIENTS[name](`${url}/v1`);
    const sent = new Map();
    const send = async (request, signal) => {
      const startMs = clockMs();
      const outcome = await target.send(request, signal);
      sent.set(request.prompt.input, { startMs, outcome });
      return outcome;
    };
    const timed = { stamps: "client", producedTokens: 0, send };
    let run;
    for await (const event of runLevel(timed, { concurrency, requests, warmup })) {
      if (event.type === "finished") run = event.measurement;
    }
    const log = await (await fetch(`${url}/log`)).json();
    close();
    return compare(run, log, sent, new Set(requests.map(({ prompt }) => prompt.input)));
  } finally {
    server.kill();
    await once(server, "close");
  }
}

/** The client's figures of a run beside those of the times that the server kept. */
function compare(run, log, sent, measured) {
  const served = log.filter(({ body }) => measured.has(body.prompt));
  const lagsUs = served.flatMap(({ body, writtenMs }) => {
    const { startMs, outcome } = sent.get(body.prompt);
    return outcome.deliveredMs.map((ms, token) => (startMs + ms - writtenMs[token]) * 1000);
  });
  const onServer = runMetrics({
    durationMs: run.durationMs,
    requests: served.map(({ receivedMs, writtenMs }, index) => {
      const times = writtenMs.slice(0, OUTPUT_TOKENS).map((ms) => ms - receivedMs);
      return { ...run.requests[index], producedMs: times, deliveredMs: times };
    }),
  });
  const metrics = runMetrics(run, { serviceLevels: SERVICE_LEVELS });
  const figures = ({ ttftMs, tpotMs, itlMs }) => ({
    ttftMs: ttftMs.mean,
    tpotMs: tpotMs.mean,
    itlMs: itlMs.mean,
    gaps: itlMs.n,
  });
  return {
    onClient: figures(metrics),
    onServer: figures(onServer),
    completed: metrics.completed,
    failed: metrics.failed,
    goodShare: metrics.goodShare,
    lagUs: spread(lagsUs),
    cpuUs: (run.host.clientCpuShare * run.durationMs * 1000) / metrics.totalOutputTokens,
    stealShare: run.host.stealShare,
  };
}

function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return { least: sorted[0], median: at(0.5), p99: at(0.99) };
}

function httpClient(base) {
  const client = new HttpClient({});
  return { target: new HttpTarget(client, base, SHAPE), close: () => client.close() };
}

function fetchClient(base) {
  const target = {
    async send(request, signal) {
      const reader = new AnswerReader(performance.now(), () => undefined);
      const body = requestBody(request, SHAPE);
      const headers = { "content-type": "application/json", "accept-encoding": "identity" };
      const response = await fetch(`${base}/completions`, { method: "POST", body, headers, signal });
      reader.head({ statusCode: response.status, headers: Object.fromEntries(response.headers) });
      for await (const bytes of response.body) reader.data(bytes);
      return reader.outcome(null);
    },
  };
  return { target, close: () => undefined };
}
