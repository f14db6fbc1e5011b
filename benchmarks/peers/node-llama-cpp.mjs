// One trial of node-llama-cpp, see arm.mjs.
// Usage: node node-llama-cpp.mjs < JSON, an object with gguf, contextSize, threads, newTokens and levels.
import { getLlama } from "node-llama-cpp";
import { closedLoop, runArm } from "./arm.mjs";

await runArm(async ({ gguf, contextSize, threads }) => {
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: "error" });
  const model = await llama.loadModel({ modelPath: gguf });
  let context;
  let sequences = [];

  const answerOne = async (prompt, sequence, { newTokens, onToken }) => {
    await sequence.clearHistory();
    let left = newTokens;
    for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      model.detokenize([token]);
      onToken(token);
      if (--left === 0) break;
    }
  };

  return {
    settings: { contextSize, threads, systemInfo: llama.systemInfo },
    prepare: async ({ streams }) => {
      await context?.dispose();
      context = await model.createContext({ sequences: streams, contextSize, threads });
      sequences = Array.from({ length: streams }, () => context.getSequence());
    },
    answer: ({ newTokens, ...work }) =>
      closedLoop(work, (prompt, stream, onToken) =>
        answerOne(prompt, sequences[stream], { newTokens, onToken }),
      ),
    close: () => llama.dispose(),
  };
});
