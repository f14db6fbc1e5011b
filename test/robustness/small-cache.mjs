/**
 * Runs loads of requests on the chain model in its first argument, each on an engine with the scheduler options beside it,
 * and prints how each request ended: "right", what it said instead, or the code of its error. A full cache of the engine
 * may end the process.
 */
import { ContinuousBatchingPipeline } from "../../dist/index.js";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
const [model, loads] = process.argv.slice(2);

for (const { scheduler, requests } of JSON.parse(loads)) {
  const llm = await ContinuousBatchingPipeline.load(model, { scheduler });
  const endings = await Promise.all(requests.map((request) => ending(llm, request)));
  await llm.close();
  console.log(JSON.stringify(endings));
}

async function ending(llm, [promptTokens, maxNewTokens]) {
  const whole = ALPHABET.repeat(Math.ceil((promptTokens + maxNewTokens) / ALPHABET.length));
  const options = { applyChatTemplate: false, maxNewTokens };
  try {
    const { text } = await llm.generate(whole.slice(0, promptTokens), options);
    return text === whole.slice(promptTokens, promptTokens + maxNewTokens) ? "right" : text;
  } catch (error) {
    return error.code ?? error.stack;
  }
}
