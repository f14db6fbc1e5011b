import { peek, takeWhitespace } from "../reading.js";
import { readJsonCalls } from "../json-calls.js";
import { readTaggedCalls } from "../tagged-calls.js";
import type { ToolFormat } from "../tool-machine.js";

const BRACE = 0x7b;

/**
 * Calls as Qwen3-Coder and Qwen3.5 write them:
 *
 *     <tool_call>
 *     <function=get_weather>
 *     <parameter=city>
 *     Paris
 *     </parameter>
 *     </function>
 *     </tool_call>
 *
 * The values have no type of their own. What the tool's schema calls a string is taken as it stands. Anything else is
 * taken as JSON where it is that and the schema has its type, and as a string where not; a parameter of which the schema
 * says nothing is taken as JSON too, but for what stands in quotation marks. The delimiter around the call may be missing.
 *
 * Source: the chat template of Qwen/Qwen3-Coder-30B-A3B-Instruct on huggingface.co.
 */
export const QWEN3_CODER: ToolFormat = {
  open: ["<tool_call>", "<function="],
  close: ["</tool_call>", "</function>"],
  *read(source, draft, delimiter) {
    yield* takeWhitespace(source);
    // Hermes' calls, which these models fall back to.
    if (delimiter === "<tool_call>" && (yield* peek(source)) === BRACE)
      return yield* readJsonCalls(source, draft);
    return yield* readTaggedCalls(source, draft, delimiter);
  },
};
