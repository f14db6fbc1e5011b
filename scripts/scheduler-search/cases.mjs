/**
 * What the search tries: a case is a configuration of the scheduler and a load of requests, drawn by its seed. Plain data.
 *
 * @typedef {object} Request
 * @property {string} prompt raw text; the model goes on after its last letter
 * @property {object} options of the call
 * @property {"generate" | "stream"} way
 * @property {number} delayTurns of the event loop before it is made
 * @property {{ after: "tokens" | "turns", count: number, onAbort: "throw" | "return" } | null} abort after so many chunks of
 *   its own stream, or turns of the event loop
 *
 * @typedef {object} Case
 * @property {number} seed
 * @property {"alphabet" | "recalling"} model
 * @property {object} load options of the load; `draftModel` is the name of a model here
 * @property {Request[]} requests
 * @property {{ afterTokens: number, drainMs: number } | null} close while requests run
 */
import { below, randomNumbers } from "../random-numbers.mjs";

export const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
/** In the prompt of a recalling model: what it saw, and what it says of it for ever. */
export const SEEN = "~";
export const RECALLED = "q";
/** Tokens in a block of the cache. */
export const BLOCK = 32;

const STEP_TOKENS = [1, 2, 7, 16, 31, 32, 33, 64, 100, 128, 256, 700];
/** No letter of it makes a token with its neighbour. */
const PREFIX_LETTERS = "xzqk";

/** @returns {Case} */
export function drawCase(seed) {
  const random = randomNumbers(seed);
  const draw = {
    below: (count) => below(random, count),
    chance: (percent) => below(random, 100) < percent,
    of: (items) => items[below(random, items.length)],
    /** From 1 to `most`, small ones more often. */
    size: (most) => 1 + below(random, 1 + below(random, most)),
  };
  const load = draw.chance(15) ? drawSpeculation(draw) : { scheduler: drawScheduler(draw) };
  if (draw.chance(10)) load.maxQueue = draw.below(6);
  const requests = drawRequests(draw, load);
  return {
    seed,
    model: draw.chance(50) ? "recalling" : "alphabet",
    load,
    requests,
    close: draw.chance(15)
      ? { afterTokens: draw.below(400), drainMs: draw.chance(30) ? draw.below(50) : 0 }
      : null,
  };
}

function drawSpeculation(draw) {
  const scheduler = draw.chance(50) ? { maxNumSeqs: draw.size(20) } : {};
  const sparse = draw.chance(20) ? drawSparseAttention(draw) : {};
  const isLegalWithDraft = sparse.sparseAttentionConfig?.mode !== "xattention";
  if (isLegalWithDraft && draw.chance(50)) {
    return { draftModel: draw.of(["alphabet", "backwards"]), scheduler: { ...scheduler, ...sparse } };
  }
  return { promptLookup: true, scheduler: { ...scheduler, ...sparse } };
}

function drawScheduler(draw) {
  const scheduler = {};
  if (draw.chance(60)) scheduler.maxNumBatchedTokens = draw.of(STEP_TOKENS);
  if (draw.chance(35)) scheduler.maxNumSeqs = draw.size(Math.min(scheduler.maxNumBatchedTokens ?? 256, 64));
  if (draw.chance(50)) scheduler.dynamicSplitFuse = false;
  if (draw.chance(35)) scheduler.enablePrefixCaching = true;
  const kind = draw.below(100);
  if (kind < 60) scheduler.numKvBlocks = draw.size(40);
  else if (kind < 63) scheduler.cacheSizeGb = 1;
  else if (kind < 80) scheduler.cacheEvictionConfig = drawEviction(draw);
  if (draw.chance(20)) Object.assign(scheduler, drawSparseAttention(draw));
  return scheduler;
}

function drawEviction(draw) {
  const startSize = BLOCK * draw.size(3);
  const recentSize = BLOCK * draw.size(4);
  const aggregationMode = draw.of(["sum", "norm-sum"]);
  const config = {
    startSize,
    recentSize,
    maxCacheSize: startSize + recentSize + BLOCK * draw.size(4),
    aggregationMode,
    snapkvWindowSize: aggregationMode === "sum" ? draw.below(40) : draw.below(2),
  };
  if (draw.chance(40)) {
    const anchorPointMode = draw.of(["random", "zeros", "ones", "mean", "alternating"]);
    config.kvcrushConfig = { budget: draw.below(4), anchorPointMode, rngSeed: draw.below(1000) };
  }
  return config;
}

function drawSparseAttention(draw) {
  const numLastDenseTokensInPrefill = draw.below(200);
  if (draw.chance(50)) {
    const config = {
      mode: "trishape",
      numLastDenseTokensInPrefill,
      numRetainedStartTokensInCache: BLOCK * draw.below(4),
      numRetainedRecentTokensInCache: BLOCK * draw.below(6),
    };
    return { sparseAttentionConfig: config };
  }
  const [xattentionBlockSize, xattentionStride] = draw.of([
    [64, 8],
    [32, 4],
    [96, 3],
    [128, 16],
    [32, 32],
    [64, 1],
  ]);
  const xattentionThreshold = draw.of([0.1, 0.5, 0.8, 1]);
  const config = { mode: "xattention", numLastDenseTokensInPrefill, xattentionThreshold };
  return { sparseAttentionConfig: { ...config, xattentionBlockSize, xattentionStride } };
}

function drawRequests(draw, load) {
  const count = draw.chance(60) ? 12 + draw.below(30) : draw.size(40);
  const lengths = draw.of([
    [40, 100],
    [100, 60],
    [1, 200],
    [300, 20],
    [700, 40],
    [60, 300],
  ]);
  // Mostly requests of which some fit into the cache together.
  const room = draw.chance(80) ? (load.scheduler.numKvBlocks ?? Infinity) * BLOCK : Infinity;
  const longestPrompt = Math.min(lengths[0], Math.ceil(room / 4));
  const longestAnswer = Math.min(lengths[1], Math.ceil(room / 2));
  const longestDelay = draw.of([1, 1, 50, 400]);
  const prefixes = ["", ...Array.from(PREFIX_LETTERS, (letter) => letter.repeat(draw.size(longestPrompt)))];
  // Requests that are all alike run out of the cache in the same step.
  const same = draw.chance(35) ? [1 + draw.below(longestPrompt), 1 + draw.below(longestAnswer)] : null;
  return Array.from({ length: count }, () => {
    const [copies, maxNewTokens] = same ?? [draw.size(longestPrompt), draw.size(longestAnswer)];
    const letter = draw.of(ALPHABET);
    const prefix = same === null && draw.chance(60) ? draw.of(prefixes) : "";
    const seen = draw.chance(30) ? SEEN.repeat(maxNewTokens + prefix.length + copies) : "";
    const prompt = prefix + seen + letter.repeat(copies);
    const delayTurns = draw.below(longestDelay);
    return { ...drawRequest(draw, load, { prompt, letter, maxNewTokens }), delayTurns };
  });
}

function drawRequest(draw, load, { prompt, letter, maxNewTokens }) {
  const options = { maxNewTokens };
  const several = Math.min(6, load.scheduler.maxNumSeqs ?? 6, load.scheduler.maxNumBatchedTokens ?? 6);
  const isSpeculative = load.draftModel !== undefined || load.promptLookup === true;
  const kind = isSpeculative ? draw.below(60) : draw.below(100);
  if (kind < 20) {
    const at = ALPHABET.indexOf(letter) + 1 + draw.below(60);
    options.stopStrings = [ALPHABET.repeat(4).slice(at, at + 1 + draw.below(5))];
    options.includeStopStrInOutput = draw.chance(30);
  } else if (kind < 40) {
    options.repetitionPenalty = draw.of([1, 1.1, 1.5]);
    options.presencePenalty = draw.of([0, 0.5, 2]);
    options.frequencyPenalty = draw.of([0, 0.01]);
  } else if (kind >= 90 && several > 1) {
    options.numBeams = 2 + draw.below(several - 1);
    options.numReturnSequences = 1 + draw.below(options.numBeams);
    options.stopCriteria = draw.of(["early", "heuristic", "never"]);
  } else if (kind >= 80 && several > 1) {
    options.temperature = 1;
    options.topK = 1;
    options.numReturnSequences = 2 + draw.below(several - 1);
  } else if (kind >= 70) {
    options.temperature = 2;
    options.rngSeed = draw.below(1000);
  }
  if (!isSpeculative && draw.chance(10)) options.logprobs = 1;
  if (draw.chance(10)) options.priority = draw.below(17) - 8;
  const isOne = (options.numBeams ?? options.numReturnSequences ?? 1) === 1;
  const way = isOne && draw.chance(40) ? "stream" : "generate";
  return { prompt, options, way, abort: draw.chance(25) ? drawAbort(draw, way) : null };
}

function drawAbort(draw, way) {
  const onAbort = draw.of(["throw", "return"]);
  if (way === "stream") return { after: "tokens", count: draw.below(40), onAbort };
  return { after: "turns", count: 1 + draw.below(200), onAbort };
}
