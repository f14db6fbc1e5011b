import type { Command } from "commander";

import { checkTemplate, type ChatOptions, type ChatResult } from "../../chat/chat-options.js";
import type { ChatSession } from "../../chat/session.js";
import type { LLMPipeline } from "../../pipelines/llm-pipeline.js";
import { readChat, writeChat } from "./chat-file.js";
import { PipedInput, readMessage, TerminalInput, type LineInput } from "./chat-input.js";
import { commandOf, HELP, turnNote, turnStats, type ChatCommand } from "./chat-lines.js";
import { DEFAULT_MODEL } from "../default-model.js";
import { EXIT_INTERRUPTED, reportFailure } from "../terminal/failure.js";
import {
  addAnswerFlags,
  addEngineFlags,
  generationOptionsOf,
  type AnswerFlags,
  type EngineFlags,
} from "../generate/generate-flags.js";
import { describeModel, loadModel } from "../generate/load-model.js";
import { printAnswer } from "../generate/print-answer.js";
import { withProgress } from "../terminal/progress.js";
import { StopWatch } from "../terminal/stop-watch.js";
import { styleFor } from "../terminal/style.js";

/** After Ctrl-C the engine may take so long to stop; then the signal ends the process as usual. */
const ENGINE_STOPS_MS = 500;

interface ChatFlags extends AnswerFlags, EngineFlags {
  readonly system?: string;
  readonly session?: string;
}

/** Adds `chat`. Answers go to stdout, everything else to stderr; errors of a turn are shown, others go up. */
export function registerChat(program: Command): void {
  const command = program
    .command("chat")
    .argument("[model]", "folder with OpenVINO IR, .gguf file or name in the cache", DEFAULT_MODEL)
    .description("talk with a model; without a terminal each line of stdin is a message")
    .option("--system <text>", "a system message before the conversation")
    .option("--session <file>", "go on with the conversation in this file, and keep it there");
  addAnswerFlags(command);
  addEngineFlags(command, "generate two tokens before the first turn").action(
    (model: string, flags: ChatFlags) => chat(model, flags),
  );
}

async function chat(model: string, flags: ChatFlags): Promise<void> {
  const options = { ...generationOptionsOf(flags), applyChatTemplate: undefined };
  const saved = flags.session === undefined ? undefined : await readChat(flags.session);
  const llm = await loadModel(model, flags);
  try {
    checkTemplate(llm);
    await new Conversation(llm, { ...options, ...saved, system: flags.system }, flags).run();
  } finally {
    if (process.exitCode === EXIT_INTERRUPTED) await leaveSoon(llm);
    else await withProgress("Waiting for the engine to stop", () => llm.close());
  }
}

/** Closes, but lets nobody wait for an engine that is in the middle of a long prompt. */
async function leaveSoon(llm: LLMPipeline): Promise<void> {
  const timer = setTimeout(() => process.kill(process.pid, "SIGINT"), ENGINE_STOPS_MS);
  await llm.close();
  clearTimeout(timer);
}

class Conversation {
  readonly #llm: LLMPipeline;
  readonly #chat: ChatSession;
  readonly #flags: ChatFlags;
  readonly #isTerminal = process.stdin.isTTY;
  readonly #style = styleFor(process.stderr);
  #last: ChatResult | undefined;

  constructor(llm: LLMPipeline, options: ChatOptions<undefined>, flags: ChatFlags) {
    this.#llm = llm;
    this.#chat = llm.chat(options);
    this.#flags = flags;
  }

  async run(): Promise<void> {
    const input = this.#isTerminal ? new TerminalInput() : new PipedInput();
    try {
      if (this.#isTerminal) this.#greet();
      await this.#goOn(input);
    } finally {
      input.close();
    }
  }

  #greet(): void {
    const said = this.#chat.messages.filter(({ role }) => role === "user").length;
    note(describeModel(this.#llm, this.#flags.warmup === true, this.#style));
    if (said > 0) note(`Goes on after ${said} ${said === 1 ? "message" : "messages"} of yours.`);
    note(this.#style.faint("/help lists what can be typed. Ctrl-C stops an answer, Ctrl-D leaves."), "");
  }

  async #goOn(input: LineInput): Promise<void> {
    for (;;) {
      const line = await readMessage(input, ["> ", "... "]);
      if ("end" in line) {
        if (line.end === "interrupted") process.exitCode = EXIT_INTERRUPTED;
        return;
      }
      if (line.text.trim() === "") continue;
      const command = commandOf(line.text);
      if (command === "exit") return;
      if (command !== undefined) await this.#obey(command, line.text.trim());
      else if (!(await this.#turn(line.text))) return;
    }
  }

  async #obey(command: Exclude<ChatCommand, "exit"> | null, line: string): Promise<void> {
    if (command === "reset") {
      await this.#chat.reset();
      await this.#save();
      this.#last = undefined;
      note("The conversation begins anew.");
    } else if (command === "stats") {
      note(
        ...(this.#last === undefined
          ? ["There was no turn yet."]
          : turnStats(this.#last, this.#llm.model.contextLength)),
      );
    } else if (command === "help") note(...HELP);
    else note(`There is no command ${line}. /help lists those there are.`);
  }

  /** Whether the conversation goes on. */
  async #turn(text: string): Promise<boolean> {
    const watch = new StopWatch();
    try {
      const stream = this.#chat.stream(text, { signal: watch.signal, onAbort: "return" });
      const result = await printAnswer(stream, process.stdout, watch);
      if (watch.reason === "reader gone") return false;
      const notes = this.#afterwards(result);
      if (this.#isTerminal) note(...notes, "");
      else if (result.finishReason === "length") note(...notes);
      this.#last = result;
      await this.#save();
    } catch (error) {
      const code = reportFailure(error, process.stderr, process.env);
      if (!this.#isTerminal) process.exitCode = code; // nobody reads along, so the exit code has to show it
    } finally {
      watch[Symbol.dispose]();
    }
    if (watch.reason !== "interrupted" || this.#isTerminal) return true;
    process.exitCode = EXIT_INTERRUPTED;
    return false;
  }

  #afterwards(result: ChatResult): string[] {
    const text = turnNote(result, this.#last, this.#flags.maxNewTokens);
    return text === null ? [] : [this.#style.faint(text)];
  }

  async #save(): Promise<void> {
    if (this.#flags.session !== undefined) await writeChat(this.#flags.session, this.#chat);
  }
}

function note(...lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
}
