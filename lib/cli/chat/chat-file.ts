/** A conversation in a file. */
import { readFile, rename, writeFile } from "node:fs/promises";

import { checkMessages } from "../../prompt/check-messages.js";
import type { ChatState } from "../../chat/chat-options.js";
import { invalidArgType } from "../../errors/errors.js";
import { isPlainObject } from "../../options/json.js";

/**
 * The conversation of a file; undefined where there is no file.
 *
 * @throws TypeError, RangeError for a file with something else
 */
export async function readChat(file: string): Promise<ChatState | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const { messages, keptFrom } = fields(text);
  if (!Array.isArray(messages)) throw invalidArgType("--session", "a file with a saved conversation", file);
  if (messages.length > 0) checkMessages(`messages of ${file}`, messages);
  return { messages, keptFrom: typeof keptFrom === "number" ? keptFrom : 0 };
}

/** Replaces the file in one step, so that it is whole whenever the process ends. */
export async function writeChat(file: string, chat: { toJSON(): ChatState }): Promise<void> {
  const unfinished = `${file}.${process.pid}.tmp`;
  await writeFile(unfinished, `${JSON.stringify(chat, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, file);
}

function fields(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? value : {};
  } catch {
    return {};
  }
}
