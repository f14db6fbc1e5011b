// Loads a model, generates, and prints the result with the times around it, in whatever runtime runs this.
//   bun|deno other-runtimes.mjs <library> <model>
import process from "node:process";
import { pathToFileURL } from "node:url";

const [, , library, model] = process.argv;
const { LLMPipeline } = await import(pathToFileURL(library).href);
const llm = await LLMPipeline.load(model);
const beforeMs = performance.now();
const result = await llm.generate("hello");
const elapsedMs = performance.now() - beforeMs;
await llm.close();
console.log(JSON.stringify({ result, elapsedMs }));
