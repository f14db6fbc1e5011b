import { isOfIdentifier } from "../characters.js";
import { readJsonCalls } from "../json-calls.js";
import { readPythonCalls } from "../python-calls.js";
import { peek, takeWhitespace } from "../reading.js";
import type { ToolFormat } from "../tool-machine.js";

/**
 * Calls as Llama 3.1, 3.2, 3.3 and 4 write them when they are asked for JSON, with or without the mark:
 *
 *     {"name": "get_weather", "parameters": {"city": "Paris"}}
 *     <|python_tag|>{"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}
 *
 * Without the mark a call must stand at the very beginning, name a known tool and have arguments; anything else that
 * looks like JSON is an answer in JSON. Several calls follow each other with a semicolon between them. Behind the mark
 * `brave_search.call(query="…")`, the way of the built-in tools, is a call too; Python code is an invalid one.
 *
 * Sources: models/llama3_1, llama3_3 and llama4, prompt_format.md, in github.com/meta-llama/llama-models.
 */
export const LLAMA3_JSON: ToolFormat = {
  open: ["<|python_tag|>", "<|python_start|>"],
  close: ["<|python_end|>"],
  *read(source, draft) {
    yield* takeWhitespace(source);
    const isCode = isOfIdentifier(yield* peek(source));
    return yield* isCode ? readPythonCalls(source, draft) : readJsonCalls(source, draft);
  },
  readBare: (source, draft) => readJsonCalls(source, draft, true),
};
