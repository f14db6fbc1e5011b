import { readFile } from "node:fs/promises";

import { outOfRange, checkMessages, isJsonObject } from "openvino-llm/internal";
import type { ChatMessage } from "openvino-llm";
import type { JsonObject } from "openvino-llm/models";
import type { BenchPrompt } from "./prompts.js";

/**
 * Reads prompts from a file of JSON lines. Each line is an object with one of: `prompt`, a text (as vLLM's custom dataset
 * has it), `messages`, a chat, or `prompt_token_ids`. Other fields and empty lines are ignored.
 *
 * @throws TypeError, RangeError where the file cannot be read, has no prompt, or a line is something else
 */
export async function readDataset(path: string): Promise<BenchPrompt[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw Object.assign(outOfRange("dataset", "a file of prompts that can be read", path), { cause });
  }
  const prompts = text
    .split("\n")
    .flatMap((line, index) => (line.trim() === "" ? [] : [promptOf(line, `line ${index + 1} of ${path}`)]));
  if (prompts.length === 0) throw outOfRange("dataset", "a file with at least one prompt", path);
  return prompts;
}

function promptOf(line: string, where: string): BenchPrompt {
  const { prompt, messages, prompt_token_ids: tokenIds } = parse(line, where);
  if (typeof prompt === "string" && prompt !== "") return { input: prompt, length: null };
  if (isIds(tokenIds)) return { input: { tokenIds }, length: tokenIds.length };
  if (Array.isArray(messages)) {
    // What is checked there is a list of chat messages.
    const input = checkMessages(`messages of ${where}`, messages) as unknown as ChatMessage[];
    return { input, length: null };
  }
  throw outOfRange(
    where,
    'an object with "prompt" (a text), "messages" (with role and content) or "prompt_token_ids"',
    line,
  );
}

function parse(line: string, where: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw Object.assign(outOfRange(where, "JSON", line), { cause });
  }
  if (!isJsonObject(value)) throw outOfRange(where, "a JSON object", line);
  return value;
}

function isIds(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((id) => Number.isInteger(id));
}
