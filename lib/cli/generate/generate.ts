import type { Command } from "commander";

import { openBinding } from "../../native/binding.js";
import { cpuFlags, cpuModel } from "../../doctor/examine.js";
import { kernelsOf } from "../../doctor/model-kernels.js";
import { loadedProperties } from "../../engine-guard/guard.js";
import type { GenerationResult } from "../../generation/generation-result.js";
import type { LLMPipeline } from "../../pipelines/llm-pipeline.js";
import { EXIT_INTERRUPTED } from "../terminal/failure.js";
import {
  addGenerateFlags,
  generationOptionsOf,
  inputOf,
  propertiesOf,
  type GenerateFlags,
} from "./generate-flags.js";
import { generateReport, reportJson } from "./generate-report.js";
import { describeModel, loadModel } from "./load-model.js";
import { printAnswer } from "./print-answer.js";
import { withProgress } from "../terminal/progress.js";
import { readPrompt } from "../terminal/read-prompt.js";
import { cutNote, processorSection, resultSection, type ProcessorStats } from "./stats.js";
import { StopWatch } from "../terminal/stop-watch.js";
import { styleFor } from "../terminal/style.js";

/** Adds `generate`. The answer goes to stdout, everything else to stderr; errors go up. */
export function registerGenerate(program: Command): void {
  const command = program
    .command("generate")
    .argument("[prompt]", "the prompt; - or nothing reads it from stdin")
    .description("answer a prompt, token by token");
  addGenerateFlags(command).action((prompt: string | undefined, flags: GenerateFlags) =>
    generate(command, prompt, flags),
  );
}

async function generate(command: Command, argument: string | undefined, flags: GenerateFlags): Promise<void> {
  const options = generationOptionsOf(flags);
  const properties = propertiesOf(flags);
  const input = inputOf(await readPrompt(command, argument), flags);
  const llm = await loadModel(flags.model, flags);
  const isWarm = flags.warmup === true;
  const printsStats = flags.stats === true && flags.json !== true;
  if (printsStats) note([describeModel(llm, isWarm, styleFor(process.stderr)), ""]);

  const watch = new StopWatch();
  let result: GenerationResult;
  try {
    const stream = llm.stream(input, { ...options, signal: watch.signal, onAbort: "return" });
    result = await printAnswer(stream, flags.json === true ? null : process.stdout, watch);
    if (watch.reason === "interrupted") process.exitCode = EXIT_INTERRUPTED;
    const cut = flags.json === true ? null : cutNote(result, flags.maxNewTokens);
    if (cut !== null) note([styleFor(process.stderr).faint(cut)]);
    // Before the engine has stopped: that can take long in the middle of a long prompt.
    if (printsStats && watch.reason !== "reader gone") {
      const isTemplated = llm.model.hasChatTemplate && flags.raw !== true;
      note(resultSection(result, { loadMs: llm.loadMs, isWarm, isTemplated }, screen()));
    }
  } finally {
    await withProgress("Waiting for the engine to stop", () => llm.close());
    watch[Symbol.dispose]();
  }
  if (watch.reason === "reader gone") return;

  const processor =
    flags.stats === true && watch.reason === null ? await examineProcessor(llm, flags) : undefined;
  if (printsStats && processor !== undefined) note(processorSection(processor, screen()));
  if (flags.json === true) {
    const report = generateReport(result, { llm, isWarm, properties, options, processor });
    process.stdout.write(reportJson(report));
  }
}

/** Which instruction sets there are and which kernels run this model, on this device with these properties. */
async function examineProcessor(llm: LLMPipeline, flags: GenerateFlags): Promise<ProcessorStats> {
  const options = { device: flags.device, properties: loadedProperties(llm.properties) };
  const inference = await withProgress("Finding out which kernels run it (loads the model again)", () =>
    kernelsOf(llm.model.path, options),
  );
  return { model: cpuModel(), flags: cpuFlags(openBinding()).flags, inference };
}

function screen(): { columns: number; style: ReturnType<typeof styleFor> } {
  return { columns: process.stderr.columns ?? 80, style: styleFor(process.stderr) };
}

function note(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
}
