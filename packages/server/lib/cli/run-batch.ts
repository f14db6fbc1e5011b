/** `run-batch`: a file of requests in, a file of answers out. */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { Readable } from "node:stream";

import type { Command } from "commander";
import { EXIT_FAILURE, integer, outOfRange, untilSignal } from "openvino-llm/internal";
import { destination, pino, type Logger } from "pino";

import type { BatchTarget } from "../batch/batch-target.js";
import { openHttpTarget } from "../batch/http-target.js";
import { openLocalTarget } from "../batch/local-target.js";
import { newCounts, runBatch } from "../batch/run-batch.js";
import { BatchProgress } from "./batch-progress.js";
import { pullSource } from "./pull-source.js";
import { addModelFlags, inOurNames, logLevelFlag, type ServeFlags } from "./serve-flags.js";
import { apiKeys, serverOptions } from "./serve-options.js";

/** A request with its pictures of text, as long as a server takes it by default. */
const MAX_LINE_BYTES = 16 * 2 ** 20;
const MAX_CONCURRENCY = 100_000;
/** Lines that are reported one by one. */
const MAX_REPORTED_LINES = 20;

interface RunBatchFlags extends ServeFlags {
  readonly inputFile: string;
  readonly outputFile: string;
  readonly http?: string;
  readonly concurrency?: number;
  readonly maxRetries: number;
}

/** Adds `run-batch`. */
export function registerRunBatch(program: Command): void {
  const command = program
    .command("run-batch")
    .description("answer a file of requests, one of JSON a line, as OpenAI's and vLLM's batches have them")
    .argument("[models...]", "folders with OpenVINO IR, .gguf files or names in the cache")
    .requiredOption("-i, --input-file <file>", "requests: custom_id, method, url, body; - for stdin")
    .requiredOption(
      "-o, --output-file <file>",
      "answers, in the order in which they are done; a run goes on from there",
    )
    .option("--http <url>", "ask a server or a router in place of loading models here")
    .option(
      "--concurrency <n>",
      "requests at once (default: as many as the engine runs, and some more)",
      integer,
    )
    .option("--max-retries <n>", "tries again after 429, 502, 503, 504 and no answer at all", integer, 8)
    .option("--api-key-file <file>", "the key for --http (default: OPENVINO_LLM_API_KEY, else none)");
  addModelFlags(command);
  command
    .addOption(logLevelFlag("error"))
    .action((models: string[], flags: RunBatchFlags & Record<string, unknown>) =>
      run(models, inOurNames(flags) as RunBatchFlags),
    );
}

async function run(models: readonly string[], flags: RunBatchFlags): Promise<void> {
  const log = pino({ level: flags.logLevel, base: null }, destination({ dest: 2, sync: true }));
  checkNumbers(flags);
  const { input, inputBytes } = await openInput(flags);
  const counts = newCounts();
  let progress: BatchProgress | undefined;
  const display = {
    end: () => progress?.end(),
    interrupted: "what was answered is kept, and the same command goes on from there",
  };
  await untilSignal(async (signal) => {
    const target = await openTarget(models, flags, log, signal);
    if (target === null) return;
    const shown = (progress = new BatchProgress(counts, inputBytes));
    let unanswerable = 0;
    const onUnanswerable = (lineNumber: number, message: string): void => {
      if (++unanswerable <= MAX_REPORTED_LINES)
        shown.print(`${flags.inputFile}, line ${lineNumber}: ${message}`);
    };
    const { outputFile, concurrency = null, maxRetries } = flags;
    const maxLineBytes = MAX_LINE_BYTES;
    try {
      await runBatch({
        input,
        outputFile,
        target,
        concurrency,
        maxRetries,
        maxLineBytes,
        signal,
        onUnanswerable,
        counts,
      });
    } finally {
      await target.close();
    }
    if (unanswerable > MAX_REPORTED_LINES)
      shown.print(`… and ${unanswerable - MAX_REPORTED_LINES} lines more without an answer`);
    if (counts.failed > 0) process.exitCode = EXIT_FAILURE;
  }, display);
  input.destroy();
}

function checkNumbers({ concurrency, maxRetries }: RunBatchFlags): void {
  if (concurrency !== undefined && (concurrency < 1 || concurrency > MAX_CONCURRENCY)) {
    throw outOfRange("--concurrency", `1 to ${MAX_CONCURRENCY}`, concurrency);
  }
  if (maxRetries < 0) throw outOfRange("--max-retries", "0 or more", maxRetries);
}

/** @throws (by rejection) RangeError where it is the output too; a system error */
async function openInput({
  inputFile,
  outputFile,
}: RunBatchFlags): Promise<{ input: Readable; inputBytes: number | null }> {
  if (inputFile === "-") return { input: process.stdin, inputBytes: null };
  const file = await open(inputFile, "r");
  const [from, to] = await Promise.all([file.stat(), stat(outputFile).catch(() => null)]);
  if (to !== null && from.ino === to.ino && from.dev === to.dev) {
    await file.close();
    throw outOfRange("--output-file", "a file other than the input", outputFile);
  }
  return { input: createReadStream(inputFile, { fd: file }), inputBytes: from.isFile() ? from.size : null };
}

/** Null where a signal ended a download. */
async function openTarget(
  models: readonly string[],
  flags: RunBatchFlags,
  log: Logger,
  signal: AbortSignal,
): Promise<BatchTarget | null> {
  const { http, apiKeyFile } = flags;
  if (http === undefined) {
    const options = await serverOptions(models, flags, process.env, (name) => pullSource(name, log));
    return options === null ? null : openLocalTarget(options.models, log, signal);
  }
  if (models.length > 0)
    throw outOfRange("models", "no value with --http", models.join(" "), "The server has its own.");
  if (!URL.canParse(http) || !/^https?:$/.test(new URL(http).protocol)) {
    throw outOfRange("--http", "an address such as http://127.0.0.1:8000", http);
  }
  const [apiKey] = await apiKeys(apiKeyFile, process.env);
  return openHttpTarget(new URL(http), apiKey, signal);
}
