// How late the event loop is while the library works, in a process of its own. Prints one JSON object per window: each
// phase of work follows an idle window of the same process, to be compared with.
// Usage: node event-loop.mjs JSON, an object with model, rounds, idleMs, tokens, tokenizeTimes, prefillTokens and seed.
import { setTimeout as sleep } from "node:timers/promises";
import { openBinding } from "../../dist/native/binding.js";
import { LLMPipeline } from "../../dist/index.js";
import { randomNumbers } from "../../scripts/random-numbers.mjs";
import { watchDelay } from "../shared/own-process.mjs";
import { randomIds, randomWords } from "../shared/prompts.mjs";

/** Length of the prompt that is tokenised. */
const PROMPT_TOKENS = 4000;

const { model, rounds, idleMs, tokens, tokenizeTimes, prefillTokens, seed } = JSON.parse(
  process.argv[2] ?? "",
);
const random = randomNumbers(seed);
const greedy = { ignoreEos: true, temperature: 0, applyChatTemplate: false };

const begin = performance.now();
openBinding();
print({ phase: "opening the libraries", blockedMs: performance.now() - begin });

for (let round = 0; round < rounds; round++) {
  const llm = await afterIdle("loading", () => LLMPipeline.load(model));
  try {
    await llm.generate({ tokenIds: randomIds(32, random) }, { ...greedy, maxNewTokens: 4 }); // makes the kernels
    await afterIdle("generating", async () => {
      const stream = llm.stream({ tokenIds: randomIds(32, random) }, { ...greedy, maxNewTokens: tokens });
      for await (const chunk of stream) void chunk;
    });
    const texts = Array.from({ length: tokenizeTimes }, () => randomWords(PROMPT_TOKENS, random));
    await afterIdle("tokenising", async () => {
      for (const text of texts) await tokenize(llm, text);
    });
    const prompt = { tokenIds: randomIds(prefillTokens, random) };
    await afterIdle("prefill", () => llm.generate(prompt, { ...greedy, maxNewTokens: 1 }));
  } finally {
    await llm.close();
  }
}

async function afterIdle(phase, work) {
  const idle = await watchDelay(() => sleep(idleMs));
  const busy = await watchDelay(work);
  print({ phase, ...busy.delay, idleP50Ms: idle.delay.p50Ms, idleP99Ms: idle.delay.p99Ms });
  return busy.value;
}

/** Tokenises a prompt in full, which is then refused for its length, so that no prefill follows. */
async function tokenize(llm, text) {
  const refusal = await llm.generate(text, { ...greedy, maxLength: 100 }).catch((error) => error);
  if (refusal.code !== "ERR_PROMPT_TOO_LONG" || !refusal.message.includes(String(PROMPT_TOKENS)))
    throw refusal;
}

function print(row) {
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
