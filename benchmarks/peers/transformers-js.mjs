// One trial of transformers.js, see arm.mjs.
// Usage: node transformers-js.mjs < JSON, an object with onnx (folder), dtype, batched, threads, newTokens and levels.
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  BaseStreamer,
  env,
  Tensor,
  TextStreamer,
} from "@huggingface/transformers";
import { basename, dirname } from "node:path";
import { closedLoop, runArm } from "./arm.mjs";

await runArm(async ({ onnx, dtype, batched, threads }) => {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(onnx);
  const tokenizer = await AutoTokenizer.from_pretrained(basename(onnx));
  const model = await AutoModelForCausalLM.from_pretrained(basename(onnx), {
    dtype,
    device: "cpu",
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  const generate = (prompts, newTokens, streamer) => {
    const size = [prompts.length, prompts[0].length];
    const ids = BigInt64Array.from(prompts.flat(), BigInt);
    return model.generate({
      inputs: new Tensor("int64", ids, size),
      attention_mask: new Tensor("int64", new BigInt64Array(ids.length).fill(1n), size),
      do_sample: false,
      max_new_tokens: newTokens,
      min_new_tokens: newTokens, // an end of sequence is not taken before
      streamer,
    });
  };

  const oneCallEach = (work) =>
    closedLoop(work, async (prompt, _, onToken) => {
      const streamer = new TextStreamer(tokenizer, {
        skip_prompt: true,
        callback_function: () => {},
        token_callback_function: ([id]) => onToken(Number(id)),
      });
      await generate([prompt], work.newTokens, streamer);
    });

  /** All prompts, which have the same length, in one call; the text is made at the end. */
  const allInOneCall = async ({ prompts, newTokens }) => {
    const answers = prompts.map(() => ({ arrivedMs: [], tokenIds: [] }));
    const calledMs = performance.now();
    let isPrompt = true;
    const streamer = Object.assign(new BaseStreamer(), {
      put: (steps) => {
        const nowMs = performance.now() - calledMs;
        for (const [i, ids] of isPrompt ? [] : steps.entries()) {
          answers[i].arrivedMs.push(nowMs);
          answers[i].tokenIds.push(...ids.map(Number));
        }
        isPrompt = false;
      },
      end: () => {},
    });
    await generate(prompts, newTokens, streamer);
    tokenizer.batch_decode(answers.map(({ tokenIds }) => tokenIds));
    return answers;
  };

  return {
    settings: { dtype, threads },
    answer: batched ? allInOneCall : oneCallEach,
    close: () => model.dispose(),
  };
});
