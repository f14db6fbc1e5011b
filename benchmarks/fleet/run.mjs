// Three replicas of openvino-llm-server on this machine, one inference thread each, behind a router: what its policies do for
// prefixes, and what clients see when a replica is killed, drained and started again, and when they leave.
//   node benchmarks/fleet/run.mjs MODEL [--routers smg,vllm-router,haproxy] [--trials policies,abort,failure]
//     [--conversations 12] [--turns 4] [--streams 12] [--max-tokens 48]
// The routers of PyPI are installed by hash into the cache; HAProxy must be on PATH. What cannot be had is said and left out.
// Needs dist/. Exit code 1 where a request that had not begun is lost, a drained replica loses any, or an abort does not reach
// the engine.
import { parseArgs } from "node:util";
import { median } from "../shared/statistics.mjs";
import { Replica, ROUTER_NAMES, startRouter, until } from "./processes.mjs";
import { Streams, streamOnce } from "./streams.mjs";

const { values, positionals } = parseArgs({
  options: {
    routers: { type: "string", default: ROUTER_NAMES.join() },
    trials: { type: "string", default: "policies,abort,failure" },
    conversations: { type: "string", default: "12" },
    turns: { type: "string", default: "4" },
    streams: { type: "string", default: "12" },
    "max-tokens": { type: "string", default: "48" },
  },
  allowPositionals: true,
});
const [model] = positionals;
if (model === undefined) throw new Error("Expected a model: node benchmarks/fleet/run.mjs MODEL");
const trials = new Set(values.trials.split(","));
const [conversations, turns, streams, maxTokens] = [
  values.conversations,
  values.turns,
  values.streams,
  values["max-tokens"],
].map(Number);

const args = ["--cache-size-gb", "1", "--drain-delay", "3"];
const replicas = [1, 2, 3].map(() => new Replica(model, args));
await Promise.all(replicas.map((replica) => replica.start()));
const say = (router, text) => console.log(`${router}: ${text}`);
const fail = (router, text) => {
  process.exitCode = 1;
  say(router, `FAILED: ${text}`);
};

for (const name of values.routers.split(",")) {
  if (trials.has("policies") && name !== "haproxy") await comparePolicies(name);
  const { router, reason } = await startRouter(name, "round_robin", replicas);
  if (router === null) {
    say(name, `left out, as it cannot be had: ${reason}`);
    continue;
  }
  if (trials.has("abort")) await abort(router);
  if (trials.has("failure")) await failures(router);
  await router.end();
}
await Promise.all(replicas.map((replica) => replica.end("SIGKILL")));

/** The same conversations, in other words, by each policy in turns; one request at a time, so that it is known where it went. */
async function comparePolicies(name) {
  const policies = ["round_robin", "cache_aware"];
  const started = [];
  for (const policy of policies) {
    const { router, reason } = await startRouter(name, policy, replicas);
    if (router === null) return say(name, `left out, as it cannot be had: ${reason}`);
    started.push({ policy, router, stayed: 0, later: 0, ttftMs: [] });
  }
  for (let conversation = 0; conversation < conversations; conversation++) {
    for (const [index, arm] of started.entries()) await converse(arm, conversation * 2 + index);
  }
  for (const { policy, router, stayed, later, ttftMs } of started) {
    const ttft = `TTFT median ${median(ttftMs).toFixed(0)} ms`;
    say(name, `${policy}: ${stayed} of ${later} later turns went where the one before had gone, ${ttft}`);
    await router.end();
  }
  const [first, second] = started;
  const ratio = median(first.ttftMs.map((ms, index) => second.ttftMs[index] / ms)).toFixed(2);
  say(name, `TTFT of later turns, cache_aware to round_robin, paired median ${ratio}`);
}

async function converse(arm, seed) {
  const topic = Array.from({ length: 120 }, (_, word) => `word${(seed * 7919 + word * 31) % 997}`).join(" ");
  const messages = [{ role: "user", content: `Remember these: ${topic}` }];
  let before = null;
  for (let turn = 0; turn < turns; turn++) {
    const counts = await promptTokens();
    const { text, ttftMs } = await streamOnce(arm.router.url, { messages, max_tokens: 16, temperature: 0 });
    const after = await promptTokens();
    const at = after.findIndex((count, index) => count > counts[index]);
    if (turn > 0) {
      arm.later++;
      if (at === before) arm.stayed++;
      arm.ttftMs.push(ttftMs);
    }
    before = at;
    messages.push({ role: "assistant", content: text }, { role: "user", content: `Go on, part ${turn}.` });
  }
}

function promptTokens() {
  return Promise.all(replicas.map((replica) => replica.figure("vllm:prompt_tokens_total")));
}

async function running() {
  const found = await Promise.all(replicas.map((replica) => replica.figure("vllm:num_requests_running")));
  return found.reduce((a, b) => a + b, 0);
}

/** A client that leaves its stream ends the generation behind the router. */
async function abort({ name, url }) {
  const controller = new AbortController();
  const body = { prompt: "a", max_tokens: 5000, ignore_eos: true };
  const left = streamOnce(url, body, { signal: controller.signal, onToken: () => controller.abort() });
  const { outcome } = await left;
  if (outcome !== "left") return fail(name, `a stream that was to be left was ${outcome}`);
  await until(async () => (await running()) === 0);
  say(name, "a client's abort reaches the engine");
}

/** Under streams: kill -9, start again, SIGTERM, start again. */
async function failures({ name, url }) {
  const load = new Streams(url, { streams, maxTokens });
  await load.completed(streams);
  // In the middle of most of them.
  await load.received(Math.ceil((streams * maxTokens) / 2));
  await replicas[0].end("SIGKILL");
  await load.completed(streams * 2);
  report(name, "kill -9 of one", load.take(), { mayBreak: true });
  await replicas[0].start();
  await until(async () => (await replicas[0].figure("vllm:prompt_tokens_total")) > 0);
  say(name, "the one that was started again is given requests");
  load.take();
  const code = await drainUnder(load, replicas[1]);
  if (code !== 0) fail(name, `a drained replica ended with ${code}`);
  report(name, "SIGTERM of one", load.take(), { mayBreak: false });
  await replicas[1].start();
  await until(async () => (await replicas[1].figure("vllm:prompt_tokens_total")) > 0);
  await load.end();
  report(name, "all three again", load.take(), { mayBreak: false });
}

async function drainUnder(load, replica) {
  const code = await replica.end("SIGTERM");
  await load.completed(streams);
  return code;
}

function report(name, what, { whole, broken, lost }, { mayBreak }) {
  const why = broken.length === 0 ? "" : ` (${[...new Set(broken)].join("; ")})`;
  const counts = `${whole} streams whole, ${broken.length} broken after they had begun${why}, ${lost.length} lost before`;
  if (lost.length > 0 || (broken.length > 0 && !mayBreak)) {
    fail(name, `${what}: ${counts} ${[...new Set(lost)].join("; ")}`);
  } else say(name, `${what}: ${counts}`);
}
