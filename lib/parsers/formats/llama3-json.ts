import { isOfIdentifier } from "../characters.js";
import { readJsonCalls } from "../json-calls.js";
import { readBareCalls, readPythonCalls } from "../python-calls.js";
import { peek, takeWhitespace } from "../reading.js";
import { readTaggedCalls } from "../tagged-calls.js";
import type { ToolFormat } from "../tool-machine.js";

const CODE = "<|python_tag|>";
const FUNCTION = "<function=";
const BACKTICK = 0x60;

/**
 * Calls as Llama 3.1, 3.2, 3.3 and 4 write them when they are asked for JSON, with or without a delimiter:
 *
 *     {"name": "get_weather", "parameters": {"city": "Paris"}}
 *     <|python_tag|>{"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}
 *     <|python_start|>I look it up.<|python_end|>{"name": "get_weather", "parameters": {"city": "Paris"}}
 *     <function=get_weather>{"city": "Paris"}</function>
 *
 * Without a delimiter a call must stand at the very beginning, name a known tool and have arguments; anything else that
 * looks like JSON is an answer in JSON. Several calls follow each other with a semicolon between them. What Llama 4 has
 * between its delimiters is text. Behind the first delimiter `brave_search.call(query="…")`, the way of the built-in tools,
 * is a call too; Python code is an invalid one.
 *
 * Sources: models/llama3_1, llama3_3 and llama4, prompt_format.md, in github.com/meta-llama/llama-models; the chat template
 * of meta-llama/Llama-4-Scout-17B-16E-Instruct on huggingface.co.
 */
export const LLAMA3_JSON: ToolFormat = {
  open: [CODE, "<|python_start|>", "<|python_end|>", FUNCTION],
  close: ["<|python_end|>", "</function>"],
  *read(source, draft, delimiter) {
    if (delimiter === FUNCTION) return yield* readTaggedCalls(source, draft, delimiter);
    yield* takeWhitespace(source);
    const next = yield* peek(source);
    if (next === BACKTICK) return yield* readJsonCalls(source, draft);
    const isCall = next === 0x5b || next === 0x7b || (delimiter === CODE && isOfIdentifier(next));
    return isCall && (yield* readPythonCalls(source, draft));
  },
  readBare: readBareCalls,
};
