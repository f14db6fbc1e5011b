/** The output file of a batch: whole lines only, each written once, also over several runs. */
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

import { dirname, resolve } from "node:path";

import { isJsonObject, outOfRange, writing, type WriteTask } from "openvino-llm/internal";

import { OUTPUT_BEGIN } from "./batch-request.js";
import { IdSet } from "./id-set.js";
import { readLines } from "./read-lines.js";

/** An answer has more bytes than a request may have: vectors of many texts. */
const MAX_ANSWER_BYTES = 2 ** 29;

export class AnswerFile {
  /** The custom_ids that were answered by runs before. */
  readonly done: IdSet;
  readonly #path: string;
  readonly #file: FileHandle;
  #waiting: string[] = [];
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, done: IdSet) {
    this.#path = path;
    this.#file = file;
    this.done = done;
  }

  /**
   * Opens it to go on. A last line that broke off is cut.
   *
   * @throws (by rejection) RangeError for a file that is no output of a batch; a system error
   */
  static async open(path: string): Promise<AnswerFile> {
    const file = await writing(taskOf(path), () => open(path, "a+"));
    try {
      const { done, wholeBytes } = await readAnswers(path);
      await writing(taskOf(path), () => file.truncate(wholeBytes));
      return new AnswerFile(path, file, done);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Resolves when the line is written. Lines that come while one is written go together. */
  append(line: string): Promise<void> {
    this.#waiting.push(line);
    if (this.#waiting.length === 1) {
      this.#written = this.#flush(this.#written);
      // Whoever waits for it gets the error.
      this.#written.catch(() => undefined);
    }
    return this.#written;
  }

  async #flush(before: Promise<void>): Promise<void> {
    await before;
    const text = this.#waiting.join("");
    this.#waiting = [];
    await writing(taskOf(this.#path), () => this.#file.appendFile(text));
  }

  /** Waits until all is on the disk. */
  async close(): Promise<void> {
    await this.#written.catch(() => undefined);
    try {
      await this.#file.datasync();
    } finally {
      await this.#file.close();
    }
  }
}

async function readAnswers(path: string): Promise<{ done: IdSet; wholeBytes: number }> {
  const done = new IdSet();
  let wholeBytes = 0;
  for await (const { text, number, bytes, isWhole } of readLines(createReadStream(path), MAX_ANSWER_BYTES)) {
    if (!isWhole) {
      // Only what a run of a batch began is cut.
      if (!text.startsWith(OUTPUT_BEGIN) && !OUTPUT_BEGIN.startsWith(text))
        throw noOutput(path, number, text);
      break;
    }
    wholeBytes += bytes;
    done.add(customIdOf(text) ?? fail(noOutput(path, number, text)));
  }
  return { done, wholeBytes };
}

function customIdOf(text: string): string | null {
  try {
    const line: unknown = JSON.parse(text);
    return isJsonObject(line) && typeof line["custom_id"] === "string" ? line["custom_id"] : null;
  } catch {
    return null;
  }
}

function noOutput(path: string, number: number, text: string): RangeError {
  const advice = "Name a new file, or one that this command began.";
  return outOfRange(`${path}, line ${number}`, "an answer of a batch", text.slice(0, 80), advice);
}

function fail(error: Error): never {
  throw error;
}

function taskOf(path: string): WriteTask {
  return { folder: dirname(resolve(path)), elsewhere: "with --output-file", purpose: "write the answers" };
}
