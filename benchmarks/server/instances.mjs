// What several instances cost and gain: one server against `--instances N` of the same model, taking turns, each at 1, 8 and 32
// streams at once. Memory by /proc (RSS counts pages that are shared in each process, PSS parts them).
//
//   node benchmarks/server/instances.mjs MODEL [--instances 2] [--rounds 3] [--requests 32] [--tokens 64] [-- FLAGS OF THE SERVER]
import { readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { parseArgs } from "node:util";
import { startServer } from "../shared/server.mjs";
import { median } from "../shared/statistics.mjs";

const end = process.argv.indexOf("--", 2);
const serverFlags = end === -1 ? [] : process.argv.slice(end + 1);
const { values, positionals } = parseArgs({
  args: process.argv.slice(2, end === -1 ? undefined : end),
  allowPositionals: true,
  options: {
    instances: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
    requests: { type: "string", default: "32" },
    tokens: { type: "string", default: "64" },
  },
});
const [model = "smollm2-135m-instruct"] = positionals;
const { instances, rounds, requests, tokens } = values;
const LEVELS = [1, 8, 32];
const MIB = 1024;

/** A stream: milliseconds to its first token, and to its end. */
function streamOnce(url, index, agent) {
  const body = JSON.stringify({
    // Each prompt begins otherwise, so that no prefix is known.
    prompt: `${index}: ${"The quick brown fox jumps over the lazy dog. ".repeat(6)}`,
    max_tokens: Number(tokens),
    ignore_eos: true,
    stream: true,
  });
  const beganMs = performance.now();
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`${url}/v1/completions`, { method: "POST", agent }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`Status ${answer.statusCode}.`));
      let firstMs = null;
      answer.on("data", () => (firstMs ??= performance.now() - beganMs));
      answer.on("end", () => resolve({ firstMs, totalMs: performance.now() - beganMs }));
      return answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/** Tokens per second and median time to first token at a level. */
async function measure(url, atOnce) {
  const agent = new Agent({ keepAlive: true });
  const count = Math.max(atOnce, Math.min(Number(requests), atOnce * 4));
  const results = [];
  let next = 0;
  const beganMs = performance.now();
  const client = async () => {
    while (next < count) results.push(await streamOnce(url, next++, agent));
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  const seconds = (performance.now() - beganMs) / 1000;
  agent.destroy();
  return {
    tokensPerSecond: (count * Number(tokens)) / seconds,
    ttftMs: median(results.map(({ firstMs }) => firstMs)),
  };
}

/** Of a process and its children, in MiB. */
function memoryOf(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean);
  return [pid, ...children].map((id) => {
    const text = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
    return {
      rssMib: kib("Rss") / MIB,
      pssMib: kib("Pss") / MIB,
      sharedMib: (kib("Shared_Clean") + kib("Shared_Dirty")) / MIB,
    };
  });
}

const own = [model, "--port", "0", "--drain-delay", "0"];
const ARMS = { one: [], several: ["--instances", instances] };
for (let round = 0; round < Number(rounds); round++) {
  // The order turns, so that a machine that becomes slower does not favour one.
  const names = round % 2 === 0 ? ["one", "several"] : ["several", "one"];
  for (const arm of names) {
    const { child, closed, url } = await startServer([...own, ...ARMS[arm], ...serverFlags]);
    await measure(url, 2);
    for (const atOnce of LEVELS) {
      console.log(JSON.stringify({ round, arm, atOnce, ...(await measure(url, atOnce)) }));
    }
    console.log(JSON.stringify({ round, arm, processes: memoryOf(child.pid) }));
    child.kill("SIGTERM");
    await closed;
  }
}
