import { readJsonCalls } from "../json-calls.js";
import type { ToolFormat } from "../tool-machine.js";

/**
 * Calls as Llama 3.1, 3.2 and 3.3 write them when they are asked for JSON, with or without the mark:
 *
 *     {"name": "get_weather", "parameters": {"city": "Paris"}}
 *     <|python_tag|>{"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}
 *
 * Without the mark a call must stand at the very beginning, name a known tool and have arguments; anything else that
 * looks like JSON is an answer in JSON. Several calls follow each other with a semicolon between them. What the built-in
 * tools are asked by the mark (Python code, `brave_search.call(…)`) is text.
 *
 * Source: models/llama3_1 and llama3_3, prompt_format.md, in github.com/meta-llama/llama-models.
 */
export const LLAMA3_JSON: ToolFormat = {
  open: ["<|python_tag|>"],
  close: [],
  read: (source, draft) => readJsonCalls(source, draft),
  readBare: (source, draft) => readJsonCalls(source, draft, true),
};
