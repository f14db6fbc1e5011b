import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

import { codeOf, errorAbout, OpenVinoLlmError } from "../../errors/errors.js";

/** Bytes fetched from the disk at once. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Reads little-endian numbers and strings from the front of a file by positional reads, in chunks, and refuses to go
 * past the end of the file or past `limitBytes`. Nothing is allocated in proportion to a number found in the file.
 */
export class HeaderReader {
  readonly path: string;
  readonly sizeBytes: number;
  #position = 0;
  readonly #file: FileHandle;
  readonly #limitBytes: number;
  #chunk: Buffer = Buffer.alloc(0);
  #chunkStart = 0;

  private constructor(path: string, file: FileHandle, sizeBytes: number, limitBytes: number) {
    this.path = path;
    this.#file = file;
    this.sizeBytes = sizeBytes;
    this.#limitBytes = limitBytes;
  }

  /**
   * Opens a regular file.
   * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND` when nothing is there, `ERR_MODEL_LOAD` when it cannot be read.
   */
  static async open(path: string, limitBytes: number): Promise<HeaderReader> {
    let file: FileHandle;
    try {
      // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
      file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (cause) {
      const code = codeOf(cause);
      if (code === "ENOENT" || code === "ENOTDIR") {
        throw new OpenVinoLlmError(
          "ERR_MODEL_NOT_FOUND",
          `Expected a GGUF file at ${path} but nothing is there.`,
          { cause },
        );
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OpenVinoLlmError(
        "ERR_MODEL_LOAD",
        `Expected a readable GGUF file at ${path} but opening it failed: ${reason}.`,
        { cause },
      );
    }
    try {
      const stats = await file.stat();
      if (!stats.isFile()) {
        throw new OpenVinoLlmError(
          "ERR_MODEL_LOAD",
          `Expected a GGUF file at ${path} but it is not a regular file.`,
        );
      }
      return new HeaderReader(path, file, stats.size, limitBytes);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** The offset of the next byte to be read. */
  get position(): number {
    return this.#position;
  }

  /** Bytes from here to the end of what may be read. */
  get remainingBytes(): number {
    return Math.min(this.sizeBytes, this.#limitBytes) - this.#position;
  }

  async bytes(count: number, what: string): Promise<Buffer> {
    await this.#require(count, what);
    return this.#take(count);
  }

  /** The next bytes, without moving on. */
  async peek(count: number, what: string): Promise<Buffer> {
    await this.#require(count, what);
    const from = this.#position - this.#chunkStart;
    return this.#chunk.subarray(from, from + count);
  }

  async uint32(what: string): Promise<number> {
    return (await this.bytes(4, what)).readUInt32LE();
  }

  /** A 64-bit unsigned number as a double: exact up to 2^53, and good enough for a comparison beyond. */
  async uint64(what: string): Promise<number> {
    return Number((await this.bytes(8, what)).readBigUInt64LE());
  }

  /** A string preceded by its length in 64 bits; bytes that are not UTF-8 become U+FFFD. */
  async string(what: string, maxBytes: number): Promise<string> {
    const length = await this.uint64(`the length of ${what}`);
    if (length > maxBytes) {
      throw this.error(`Expected ${what} of at most ${maxBytes} bytes but its length says ${length}.`);
    }
    return (await this.bytes(length, what)).toString("utf8");
  }

  /** Passes over bytes without reading them. */
  skip(count: number, what: string): void {
    this.#checkEnd(count, what);
    this.#position += count;
  }

  /** Passes over strings, looking only at their lengths. */
  async skipStrings(count: number, what: string): Promise<void> {
    for (let i = 0; i < count; i++) {
      // A vocabulary has hundreds of thousands of strings: awaiting only for a new chunk keeps this quick.
      if (!this.#has(8)) await this.#require(8, what);
      this.skip(Number(this.#take(8).readBigUInt64LE()), what);
    }
  }

  /** An `ERR_MODEL_LOAD` about this file. */
  error(problem: string, cure = "Download or convert the file again."): OpenVinoLlmError {
    return errorAbout("ERR_MODEL_LOAD", this.path, problem, cure);
  }

  #has(count: number): boolean {
    const from = this.#position - this.#chunkStart;
    return from >= 0 && from + count <= this.#chunk.length;
  }

  #take(count: number): Buffer {
    const from = this.#position - this.#chunkStart;
    this.#position += count;
    return this.#chunk.subarray(from, from + count);
  }

  async #require(count: number, what: string): Promise<void> {
    if (this.#has(count)) return;
    this.#checkEnd(count, what);
    const wanted = Math.min(Math.max(count, CHUNK_BYTES), this.sizeBytes - this.#position);
    const chunk = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await this.#file.read(chunk, filled, wanted - filled, this.#position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#chunk = chunk.subarray(0, filled);
    this.#chunkStart = this.#position;
    if (filled < count) throw this.error(`The file became shorter while ${what} was read.`);
  }

  #checkEnd(count: number, what: string): void {
    const end = this.#position + count;
    if (end > this.sizeBytes) {
      throw this.error(
        `The file is truncated: it has ${this.sizeBytes} bytes but ${what} reaches to byte ${end}.`,
        "Download the file again.",
      );
    }
    if (end > this.#limitBytes) {
      throw this.error(
        `Expected a header of at most ${this.#limitBytes} bytes but ${what} reaches to byte ${end}.`,
      );
    }
  }
}
