// Closes pipelines while something is pending, in a process of its own, and prints what was settled and what is left.
// Arguments: class, model (a looping alphabet), threads, what is pending, seed. Run with --expose-gc.
//
// Threads: "main", "worker", "both", "three" (workers). Each has a pipeline of its own (or two) in every round, its own
// random numbers and its own text. A worker may be terminated in the middle.
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { openBinding } from "../../dist/native/binding.js";
import { ContinuousBatchingPipeline, LLMPipeline } from "../../dist/index.js";
import { NativePipeline } from "../../dist/native/native-pipeline.js";
import { resolveSchedulerOptions } from "../../dist/options/resolve-scheduler-options.js";
import { collectGarbage } from "./collect-garbage.mjs";
import { below, randomNumbers } from "../../scripts/random-numbers.mjs";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
const ROUNDS = 4;
const MAX_NEW_TOKENS = 80;
const OPTIONS = { maxNewTokens: MAX_NEW_TOKENS, applyChatTemplate: false };
/** Two slots, so that of three requests one waits. */
const SCHEDULER = { maxNumSeqs: 2 };

/** Each begins something and closes at a random moment; `track` takes every promise that must settle. */
const PENDING = {
  async load({ load, batches, pick, track }) {
    const { path } = (await load()).model;
    const scheduler = batches ? resolveSchedulerOptions(SCHEDULER) : null;
    const native = new NativePipeline({ path, device: "CPU", properties: [], maxQueue: null, scheduler });
    track(native.loaded);
    await turns(pick(100));
    track(native.close());
  },
  async queue({ load, pick, letter, track }) {
    const llm = await load();
    for (let i = 0; i < 3; i++) track(text(llm, letter));
    await produced(llm, pick(3 * MAX_NEW_TOKENS));
    track(llm.close());
  },
  async generate({ load, pick, letter, track }) {
    const llm = await load();
    track(text(llm, letter));
    await produced(llm, Math.min(pick(1.5 * MAX_NEW_TOKENS), MAX_NEW_TOKENS));
    track(llm.close());
  },
  async stream({ load, pick, letter, track }) {
    const llm = await load();
    const stream = llm.stream(letter, OPTIONS);
    const closeAt = pick(1.5 * MAX_NEW_TOKENS);
    track(stream.result.then((result) => result.text));
    await track(
      (async () => {
        let got = "";
        for await (const chunk of stream) {
          got += chunk.text;
          if (!answer(letter).startsWith(got)) throw new Error(`Received ${got} after ${letter}.`);
          if (chunk.index === closeAt) track(llm.close());
        }
        return got;
      })(),
    );
    track(llm.close());
  },
  async close({ load, pick, letter, track }) {
    const llm = await load();
    track(text(llm, letter));
    await turns(pick(50));
    track(llm.close());
    track(text(llm, letter));
    await turns(pick(5));
    track(llm.close());
  },
  /** What runs and waits may come to its end, until the time is over or a second close() ends it. */
  async drain({ load, pick, letter, track }) {
    const llm = await load();
    for (let i = 0; i < 3; i++) track(text(llm, letter));
    await produced(llm, pick(MAX_NEW_TOKENS));
    track(llm.close({ drainMs: pick(3) === 0 ? pick(20) : 60_000 }));
    track(text(llm, letter));
    await turns(pick(200));
    if (pick(2) === 0) track(llm.close());
  },
  /** Two pipelines of one thread: closing the first leaves the second alone. */
  async two({ load, pick, letter, track }) {
    const [first, second] = await Promise.all([load(), load()]);
    track(text(first, letter));
    const whole = text(second, letter);
    await produced(first, pick(MAX_NEW_TOKENS + 1));
    track(first.close());
    if ((await whole) !== answer(letter)) throw new Error(`Received ${await whole} after ${letter}.`);
    track(text(second, letter));
    track(second.close());
  },
};

if (isMainThread) {
  const [className, model, threads, pending, seed] = process.argv.slice(2);
  const workers = { main: 0, worker: 1, both: 1, three: 3 }[threads];
  const counts = { settled: 0, whole: 0, closed: 0 };
  const players = Array.from({ length: workers }, (_, i) =>
    runWorker({ className, model, pending, seed: 10 * seed + i + 1 }, counts),
  );
  if (workers < 2 && threads !== "worker") {
    players.push(
      play({ className, model, pending, seed: 10 * seed, onRound: (round) => add(counts, round) }),
    );
  }
  await Promise.all(players);
  await collectGarbage();
  process.stdout.write(JSON.stringify({ ...counts, live: openBinding().core.liveObjects() }));
} else {
  await play({ ...workerData, onRound: (round) => parentPort.postMessage(round) });
}

/** Plays in a worker thread; every other one is terminated in the middle of its second round or later. */
function runWorker(data, counts) {
  const pick = picker(data.seed + 1000);
  let roundsLeft = pick(2) === 0 ? Infinity : 1 + pick(ROUNDS - 1);
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: data });
  worker.on("message", (round) => {
    add(counts, round);
    if (--roundsLeft === 0) void turns(pick(500)).then(() => worker.terminate());
  });
  return new Promise((resolve, reject) => worker.once("error", reject).once("exit", resolve));
}

async function play({ className, model, pending, seed, onRound }) {
  const pick = picker(seed);
  const batches = className === "ContinuousBatchingPipeline";
  const load = () =>
    batches ? ContinuousBatchingPipeline.load(model, { scheduler: SCHEDULER }) : LLMPipeline.load(model);
  const letter = ALPHABET[seed % ALPHABET.length];
  for (let round = 0; round < ROUNDS; round++) {
    const promises = [];
    const track = (promise) => {
      promises.push(promise);
      return promise.catch(() => {}); // looked at below
    };
    await PENDING[pending]({ load, pick, letter, track });
    const counts = { settled: 0, whole: 0, closed: 0 };
    for (const outcome of await Promise.allSettled(promises)) check(outcome, letter, counts);
    onRound(counts);
  }
}

function add(counts, more) {
  for (const name of Object.keys(counts)) counts[name] += more[name];
}

/** The whole text, or ERR_CLOSED; a load and a close give no text. */
function check({ status, value, reason }, letter, counts) {
  counts.settled++;
  if (status === "rejected") {
    if (reason.code !== "ERR_CLOSED") throw reason;
    counts.closed++;
  } else if (typeof value === "string") {
    if (value !== answer(letter)) throw new Error(`Received ${value} after ${letter}.`);
    counts.whole++;
  }
}

/** What the model says after a letter. */
function answer(letter) {
  const start = ALPHABET.indexOf(letter) + 1;
  return ALPHABET.repeat(10).slice(start, start + MAX_NEW_TOKENS);
}

async function text(llm, letter) {
  return (await llm.generate(letter, OPTIONS)).text;
}

/** Waits until the pipeline has produced that many tokens. */
async function produced(llm, tokens) {
  while (llm.producedTokens < tokens) await turns(1);
}

/** Gives the event loop that many turns. */
async function turns(count) {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Whole numbers below a bound, the same for the same seed. */
function picker(seed) {
  const random = randomNumbers(Number(seed));
  return (bound) => below(random, bound);
}
