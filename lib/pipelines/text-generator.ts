import type { ChatOptions } from "../chat/chat-options.js";
import type { ChatSession } from "../chat/session.js";
import type { PropertiesReport } from "../engine-guard/guard.js";
import type { CloseOptions } from "../generation/close-options.js";
import type { GenerationModel } from "../generation/generation-model.js";
import type { ResponseFormat } from "../structured/response-format.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { AnyTool } from "../tools/tool.js";

/** A loaded model that generates text. Both pipelines are one, so code written against it takes either. */
export interface TextGenerator extends GenerationModel, AsyncDisposable {
  /** How long GenAI took to load the model, in milliseconds: warm-up and conversion of a GGUF file not included. */
  readonly loadMs: number;
  /** OpenVINO's properties: as requested, corrected where the engine cannot run with a default, and as in force. */
  readonly properties: PropertiesReport;
  /** The model's tokenizer and chat template. It is closed with the model. */
  readonly tokenizer: Tokenizer;
  /** Tokens produced since the load, read from the worker's own counter: it moves while this thread is busy. */
  readonly producedTokens: number;

  /**
   * Begins a conversation, or goes on with one that was saved.
   *
   * @throws TypeError, RangeError
   */
  chat<
    const Format extends ResponseFormat | undefined = undefined,
    const Tools extends readonly AnyTool[] | undefined = undefined,
  >(
    options?: ChatOptions<Format, Tools>,
  ): ChatSession<Format, Tools>;

  /**
   * Refuses new calls, cancels what runs or waits (it fails with ERR_CLOSED), ends the thread and frees the model.
   * Idempotent; a second call without `drainMs` ends the draining of the first. Resolves when all is done.
   */
  close(options?: CloseOptions): Promise<void>;
}
