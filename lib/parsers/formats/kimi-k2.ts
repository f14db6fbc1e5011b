import type { CallDraft } from "../call-draft.js";
import { readArguments, takeFenceEnd, takeFenceStart } from "../json-calls.js";
import { DelimiterSet } from "../delimiter-set.js";
import { isAtDelimiter, peek, takeDelimiter, takeWhile, takeWhitespace } from "../reading.js";
import type { ToolFormat } from "../tool-machine.js";

const ARGUMENTS = "<|tool_call_argument_begin|>";
const ARGUMENTS_DELIMITER = new DelimiterSet([ARGUMENTS]);

const BRACE = 0x7b;
const QUOTE = 0x22;

/**
 * Calls as Kimi K2 writes them, each with an id that has the tool's name in it:
 *
 *     <|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "Paris"}
 *      <|tool_call_end|><|tool_calls_section_end|>
 *
 * The id may lack `functions.` or the number, or have underscores in place of the dot and the colon, where ids went
 * through other programs.
 *
 * Sources: docs/tool_call_guidance.md and the chat templates of moonshotai/Kimi-K2-Instruct and Kimi-K2-Thinking on
 * huggingface.co.
 */
export const KIMI_K2: ToolFormat = {
  open: ["<|tool_calls_section_begin|>", "<|tool_call_section_begin|>", "<|tool_call_begin|>"],
  close: ["<|tool_call_end|>", "<|tool_calls_section_end|>", "<|tool_call_section_end|>"],
  inside: [ARGUMENTS],
  *read(source, draft) {
    yield* takeWhitespace(source);
    const id = yield* takeWhile(source, (code) => !'<{`"\n'.includes(String.fromCharCode(code)), 256);
    const name = nameIn(id.trim(), draft);
    if (name === "") return false;
    let hasDelimiter = false;
    do yield* takeWhitespace(source);
    while ((yield* takeDelimiter(source, ARGUMENTS_DELIMITER)) !== null && (hasDelimiter = true));
    const hasFence = yield* takeFenceStart(source);
    const next = yield* peek(source);
    if (next === BRACE || (hasDelimiter && next === QUOTE)) {
      if (!(yield* readArguments(source, draft, name))) return false;
    } else {
      if (!(yield* isAtDelimiter(source, draft.stops.ends))) return false;
      draft.begin(name);
      draft.add("{}");
    }
    draft.complete();
    if (hasFence) yield* takeFenceEnd(source, draft);
    return true;
  },
};

/** The tool's name in an id. */
function nameIn(id: string, draft: CallDraft): string {
  const [, name = ""] = /^(?:functions\.)?(.*?)(?::\d+)?$/.exec(id) ?? [];
  if (draft.isTool(name)) return name;
  const [, other = ""] = /^(?:functions_)?(.*?)(?:_\d+)?$/.exec(name) ?? [];
  return draft.isTool(other) ? other : name;
}
