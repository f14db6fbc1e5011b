// Ten summaries at once: one engine answers all of them together, each step one inference for all.
//   node examples/summaries.mjs [model]
import { ContinuousBatchingPipeline } from "openvino-llm";

const [model = "smollm2-135m-instruct"] = process.argv.slice(2);

const TEXTS = [
  "The tide comes in twice a day. When it is low, crabs hide under stones and children dig for shells.",
  "A baker gets up at three in the morning. By six the bread is out of the oven, and by nine it is sold.",
  "Trees grow a ring every year. Wide rings tell of wet summers, narrow ones of drought.",
  "The old bridge was closed in spring. Engineers found rust in its cables and will replace all of them.",
  "Bees visit thousands of flowers for one spoon of honey, and carry pollen from each to the next.",
  "The train was late because of snow on the line. Passengers were given tea and a blanket.",
  "Glass is made of sand, soda and lime. Melted together and cooled fast, they stay clear.",
  "The library lends tools as well as books. Drills and ladders are asked for most in May.",
  "Swallows fly south in autumn. They cross the sea at night and rest on islands by day.",
  "The town dug a new well. Its water comes from rock a hundred metres down and is cold all year.",
];

const engine = await ContinuousBatchingPipeline.load(model, { scheduler: { maxNumSeqs: 10 }, warmup: true });
try {
  const begin = performance.now();
  const answers = await Promise.all(
    TEXTS.map((text) =>
      engine.generate(`Summarize in one sentence: ${text}`, { temperature: 0, maxNewTokens: 48 }),
    ),
  );
  const seconds = (performance.now() - begin) / 1000;
  for (const [index, { text }] of answers.entries()) console.log(`${index + 1}. ${text}`);
  const tokens = answers.reduce((sum, { usage }) => sum + usage.completionTokens, 0);
  console.log(`\n${tokens} tokens in ${seconds.toFixed(2)} s: ${(tokens / seconds).toFixed(1)} tokens/s`);
} finally {
  await engine.close();
}
