import { readJsonCalls } from "../json-calls.js";
import { isAtDelimiter, takeWhitespace } from "../reading.js";
import { DelimiterSet } from "../delimiter-set.js";
import { readTaggedCalls } from "../tagged-calls.js";
import type { ToolFormat } from "../tool-machine.js";

const FUNCTION = new DelimiterSet(["<function="]);

/**
 * Calls as Nous Hermes 2 Pro and 3, Qwen2.5 and Qwen3 write them:
 *
 *     <tool_call>
 *     {"name": "get_weather", "arguments": {"city": "Paris"}}
 *     </tool_call>
 *
 * One object for each delimiter is documented; several and lists are read too, and what Qwen3-Coder writes inside. The
 * closing delimiter may be missing. At the very beginning a call of a known tool needs no delimiter.
 *
 * Sources: the function calling format of github.com/NousResearch/Hermes-Function-Calling; the chat templates of
 * Qwen/Qwen2.5-7B-Instruct and Qwen/Qwen3-8B on huggingface.co.
 */
export const HERMES: ToolFormat = {
  open: ["<tool_call>"],
  close: ["</tool_call>"],
  *read(source, draft, delimiter) {
    yield* takeWhitespace(source);
    if (yield* isAtDelimiter(source, FUNCTION)) return yield* readTaggedCalls(source, draft, delimiter);
    return yield* readJsonCalls(source, draft);
  },
  readBare: (source, draft) => readJsonCalls(source, draft, true),
};
