/**
 * The child process of the search: runs cases in their order and says so before each, because some end the process.
 */
import { ContinuousBatchingPipeline } from "../../dist/index.js";
import { drawCase } from "./cases.mjs";
import { faultOf } from "./judge.mjs";

process.on("message", ({ seeds, models }) => void runAll(seeds, models));

async function runAll(seeds, models) {
  for (const seed of seeds) {
    process.send({ started: seed });
    process.send({ done: seed, ...(await runCase(drawCase(seed), models)) });
  }
  process.disconnect();
}

/** What came of a case: how its requests ended, and what was wrong. */
async function runCase(one, models) {
  const draftModel = models[one.load.draftModel];
  const load = { ...one.load, ...(draftModel && { draftModel }) };
  try {
    const llm = await ContinuousBatchingPipeline.load(models[one.model], load);
    const result = await runLoad(llm, one);
    await llm.close();
    return result;
  } catch (error) {
    return { endings: {}, faults: [error.stack] };
  }
}

async function runLoad(llm, one) {
  const all = { settled: false };
  const requests = one.requests.map((request) => run(llm, request, all));
  const settled = Promise.all(requests).finally(() => (all.settled = true));
  const closed = one.close === null ? null : closeAfter(llm, one.close, all);
  const outcomes = await settled;
  await closed;
  const wasClosed = closed !== null;
  const faults = one.requests.flatMap((request, number) => {
    const fault = faultOf(one, request, outcomes[number], wasClosed);
    return fault === null ? [] : [`request ${number}: ${fault}`];
  });
  const endings = {};
  for (const { result, error } of outcomes) {
    const ending = result?.finishReason ?? error.code ?? error.name;
    endings[ending] = (endings[ending] ?? 0) + 1;
  }
  if (!wasClosed) faults.push(...(await faultsAfter(llm, endings, outcomes.length)));
  return { endings, faults };
}

async function run(llm, { prompt, options, way, abort, delayTurns }, all) {
  for (let turn = 0; turn < delayTurns; turn++) await nextTurn();
  const controller = new AbortController();
  const call = { applyChatTemplate: false, ...options };
  if (abort !== null) Object.assign(call, { signal: controller.signal, onAbort: abort.onAbort });
  try {
    if (abort?.after === "turns") void abortAfter(controller, abort.count, all);
    if (way === "generate") return { result: await llm.generate(prompt, call) };
    const stream = llm.stream(prompt, call);
    let [chunks, text] = [0, ""];
    if (abort?.count === 0) controller.abort();
    for await (const chunk of stream) {
      text += chunk.text;
      if (++chunks === abort?.count) controller.abort();
    }
    const result = await stream.result;
    if (result.text !== text) throw new Error(`the chunks made "${text}", the result "${result.text}"`);
    return { result };
  } catch (error) {
    return { error };
  }
}

function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

async function abortAfter(controller, turns, all) {
  for (let turn = 0; turn < turns && !all.settled; turn++) await nextTurn();
  controller.abort();
}

async function closeAfter(llm, { afterTokens, drainMs }, all) {
  while (llm.producedTokens < afterTokens && !all.settled) await nextTurn();
  await llm.close({ drainMs });
}

/** The engine still answers, holds nothing, and has counted every request once. */
async function faultsAfter(llm, { ERR_QUEUE_FULL = 0 }, requests) {
  const { text } = await llm
    .generate("a", { applyChatTemplate: false, maxNewTokens: 5 })
    .catch(({ message }) => ({ text: message }));
  const { running, waiting, cacheUsagePercent, totals } = llm.metrics();
  const { finished, aborted, failed, completionTokens } = totals;
  const accepted = requests + 1 - ERR_QUEUE_FULL;
  return [
    ...(llm.healthy ? [] : ["the engine is broken"]),
    ...(text === "bcdef" ? [] : [`afterwards it says "${text}"`]),
    ...(running === 0 && waiting === 0 ? [] : [`${running} run and ${waiting} wait afterwards`]),
    ...(cacheUsagePercent === 0 ? [] : [`${cacheUsagePercent} % of the cache are in use afterwards`]),
    ...(finished + aborted + failed === accepted
      ? []
      : [`of ${accepted}, ${finished} finished, ${aborted} aborted, ${failed} failed`]),
    ...(completionTokens === llm.producedTokens
      ? []
      : [`${completionTokens} completion tokens, ${llm.producedTokens} produced`]),
  ];
}
