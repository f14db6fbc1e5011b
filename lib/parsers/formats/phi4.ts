import { readJsonCalls } from "../json-calls.js";
import type { ToolFormat } from "../tool-machine.js";

/**
 * Calls as Phi-4-mini writes them, in either of two ways:
 *
 *     <|tool_call|>[{"name": "get_weather", "arguments": {"city": "Paris"}}]<|/tool_call|>
 *     functools[{"name": "get_weather", "arguments": {"city": "Paris"}}]
 *
 * A single object in place of the list is read too.
 *
 * Sources: the special tokens and the chat template of microsoft/Phi-4-mini-instruct on huggingface.co; for `functools`
 * the chat template for Phi-4-mini among the examples of github.com/vllm-project/vllm.
 */
export const PHI4: ToolFormat = {
  open: ["<|tool_call|>", "functools["],
  words: ["functools["],
  // The second is a slip of the model that others have seen too.
  close: ["<|/tool_call|>", "</|tool_call|>"],
  *read(source, draft, delimiter) {
    if (delimiter === "functools[") source.putBack(1);
    return yield* readJsonCalls(source, draft);
  },
};
