/** What a request of a case must come to, and what is wrong with what it came to. */
import { ALPHABET, BLOCK, RECALLED, SEEN } from "./cases.mjs";

/** Attention is spread evenly, so what a recalling model saw is this part of all that it attends to, at the least. */
const CLEARLY_SEEN = 0.25;

/**
 * @param {import("./cases.mjs").Case} one
 * @param {import("./cases.mjs").Request} request
 * @param {{ result?: object, error?: Error }} outcome
 * @param {boolean} wasClosed the pipeline, while it ran
 * @returns {string | null} what is wrong
 */
export function faultOf(one, request, { result, error }, wasClosed) {
  const expected = textOf(one, request);
  if (error !== undefined) {
    const code = error.code ?? error.name;
    if (!isLegal(code, one, request, wasClosed)) return `${code}: ${error.message}`;
    const partial = error.partial?.text ?? "";
    return isBeginning(partial, expected) ? null : `${code} with "${partial}", not "${expected}"`;
  }
  const { text, finishReason, choices } = result;
  if (finishReason === "abort") {
    if (request.abort?.onAbort !== "return") return "it was not aborted";
    return isBeginning(text, expected) ? null : `aborted with "${text}", not "${expected}"`;
  }
  const wanted = request.options.numReturnSequences ?? 1;
  if (wanted > 1 && choices?.length !== wanted) return `${choices?.length} choices, not ${wanted}`;
  if (expected === null) return null;
  if (text !== expected) return `"${text}", not "${expected}"`;
  // Of beams the first is sure; of samples with topK 1 all are.
  const others = request.options.topK === 1 ? (choices ?? []) : [];
  const wrong = others.find((choice) => choice.text !== expected);
  return wrong === undefined ? null : `a choice "${wrong.text}", not "${expected}"`;
}

/** The answer of a request that is left alone; null where chance or left-out attention decide it. */
function textOf({ model, load }, { prompt, options }) {
  if (options.temperature !== undefined && options.topK !== 1) return null;
  const isSeen = model === "recalling" && prompt.includes(SEEN);
  if (isSeen && (load.scheduler.cacheEvictionConfig ?? load.scheduler.sparseAttentionConfig)) return null;
  const seen = prompt.length - prompt.replaceAll(SEEN, "").length;
  if (isSeen && seen / (prompt.length + options.maxNewTokens) < CLEARLY_SEEN) return null;
  return stopped(isSeen ? recalled(options.maxNewTokens) : alphabetAfter(prompt.at(-1), options), options);
}

function alphabetAfter(letter, { maxNewTokens }) {
  const start = ALPHABET.indexOf(letter) + 1;
  return ALPHABET.repeat(Math.ceil((start + maxNewTokens) / ALPHABET.length)).slice(
    start,
    start + maxNewTokens,
  );
}

function recalled(maxNewTokens) {
  return ALPHABET[ALPHABET.indexOf(RECALLED) + 1].repeat(maxNewTokens);
}

function stopped(text, { stopStrings: [stopString] = [], includeStopStrInOutput }) {
  const at = stopString === undefined ? -1 : text.indexOf(stopString);
  if (at === -1) return text;
  return text.slice(0, includeStopStrInOutput ? at + stopString.length : at);
}

function isBeginning(text, expected) {
  return expected === null || expected.startsWith(text);
}

function isLegal(code, { load, close }, request, wasClosed) {
  const { numKvBlocks = 0, dynamicSplitFuse = true, maxNumBatchedTokens = 256 } = load.scheduler;
  const { prompt, options, abort } = request;
  switch (code) {
    case "ERR_ABORTED":
      return abort?.onAbort === "throw";
    case "ERR_CLOSED":
      return close !== null && wasClosed;
    case "ERR_QUEUE_FULL":
      return load.maxQueue !== undefined;
    case "ERR_PROMPT_TOO_LONG":
      return (
        (numKvBlocks > 0 && prompt.length > numKvBlocks * BLOCK) ||
        (!dynamicSplitFuse && prompt.length > maxNumBatchedTokens)
      );
    case "ERR_KV_CACHE_FULL": {
      const sequences = Math.max(options.numBeams ?? 1, options.numReturnSequences ?? 1);
      const blocks = Math.ceil((prompt.length + options.maxNewTokens) / BLOCK) * sequences;
      return numKvBlocks > 0 && blocks > numKvBlocks;
    }
    default:
      return false;
  }
}
