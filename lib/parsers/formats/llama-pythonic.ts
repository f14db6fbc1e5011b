import { readBareCalls, readPythonCalls } from "../python-calls.js";
import type { ToolFormat } from "../tool-machine.js";

/**
 * Calls as Llama 3.2, 3.3 and 4 write them when they are given the functions in the system message, and Gemma 3 too: a
 * Python list.
 *
 *     [get_weather(city="Paris", days=3), get_time(zone="UTC")]
 *
 * It stands at the very beginning, of known tools, or anywhere behind `<|python_start|>`, which Llama 4 writes. The values
 * are Python's literals, and JSON's `true`, `false` and `null`; all arguments are named.
 *
 * Sources: models/llama3_2/text_prompt_format.md and llama4/prompt_format.md in github.com/meta-llama/llama-models;
 * "Function calling with Gemma" on ai.google.dev.
 */
export const LLAMA_PYTHONIC: ToolFormat = {
  open: ["<|python_start|>", "<|python_tag|>"],
  close: ["<|python_end|>"],
  read: readPythonCalls,
  readBare: readBareCalls,
};
