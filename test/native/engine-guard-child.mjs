/**
 * Loads the model in its first argument on the device in its second with default properties, and reports on stdout what
 * was corrected and what it answers.
 */
import { LLMPipeline } from "../../dist/index.js";

const warnings = [];
process.on("warning", ({ code }) => warnings.push(code));
const llm = await LLMPipeline.load(process.argv[2], { device: process.argv[3] });
const { text } = await llm.generate("hello");
const corrections = llm.properties.corrections.map(({ name, to, reason }) => ({ name, to, reason }));
await llm.close();
console.log(JSON.stringify({ text, corrections, warnings }));
