/** One file of the hub into the cache: it goes on where an earlier try ended, and is there only when its hash is right. */
import { createReadStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, writeFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

import { OpenVinoLlmError } from "../errors/errors.js";
import { askedFor, fileUrl, type HubCall } from "./api.js";
import { startHash } from "./blob-hash.js";
import { networkFailure, PassingFailure, statusFailure } from "./failures.js";
import { aborted, type HubAnswer } from "./http.js";
import { Tries } from "./retry.js";
import { blobKey, type HubFile } from "./tree.js";

/**
 * What a file is called while it comes; the hub's own clients call theirs otherwise, so nobody else writes to it. Beside it
 * stands how the server names that version of the file, by which it is asked for the rest.
 */
export const PARTIAL = ".openvino-llm.incomplete";
export const VALIDATOR = ".openvino-llm.etag";

/** A file that came whole with a wrong hash comes again so often. */
const MAX_DAMAGED = 2;

/** A file that is being fetched. */
export interface Transfer {
  readonly call: HubCall;
  readonly commit: string;
  readonly file: HubFile;
  /** Where it goes: its place in `blobs/`. */
  readonly blob: string;
  /** Called with how many of its bytes are there now; fewer than before where it begins anew. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Fetches a file.
 *
 * @throws OpenVinoLlmError `ERR_DOWNLOAD`, and what the file system throws
 * @throws AbortError when the signal is aborted; what came stays
 */
export async function transfer(what: Transfer): Promise<void> {
  const { call, file, blob } = what;
  const tries = new Tries(call.http.endpoint, call.retry, call.onRetry);
  let most = 0;
  const onReceived = (bytes: number): void => {
    // What came before and comes again is no success: a server that always stops at the same byte is given up.
    if (bytes > most) tries.succeed();
    most = Math.max(most, bytes);
  };
  await mkdir(dirname(blob), { recursive: true });
  for (let damaged = 0; ;) {
    const handle = await open(`${blob}${PARTIAL}`, "a+");
    try {
      if (await receive(what, handle, onReceived)) {
        await handle.datasync();
        break;
      }
      await restart(what, handle);
      if (++damaged > MAX_DAMAGED) throw damagedAtHub(what);
      throw new PassingFailure(`${file.path} came with a wrong hash`);
    } catch (error) {
      await tries.fail(networkFailure(error, call.http.endpoint, true), call.signal);
    } finally {
      await handle.close();
    }
  }
  await rename(`${blob}${PARTIAL}`, blob);
  await rm(`${blob}${VALIDATOR}`, { force: true });
}

/** Receives what is missing. @returns whether the file's hash is right */
async function receive(
  what: Transfer,
  handle: FileHandle,
  onReceived: (bytes: number) => void,
): Promise<boolean> {
  const { call, file, blob, onBytes } = what;
  const { size } = await handle.stat();
  if (size > file.sizeBytes) await restart(what, handle);
  let have = size > file.sizeBytes ? 0 : size;
  let hash = startHash(file);
  if (have > 0) {
    for await (const part of createReadStream(`${blob}${PARTIAL}`, {
      end: have - 1,
      highWaterMark: 1 << 20,
    })) {
      hash.update(part as Buffer);
      if (call.signal?.aborted === true) throw aborted(call.signal);
    }
  }
  onBytes(have);
  if (have < file.sizeBytes) {
    const answer = await ask(what, have);
    try {
      if (answer.status !== 206 && have > 0) {
        await restart(what, handle);
        [have, hash] = [0, startHash(file)];
      }
      checkAnswer(what, answer, have);
      await rememberValidator(what, answer);
      for await (const part of answer.body as AsyncIterable<Buffer>) {
        have += part.byteLength;
        if (have > file.sizeBytes) throw wrongLength(what, "more");
        hash.update(part);
        await handle.appendFile(part);
        onReceived(have);
        onBytes(have);
      }
      if (have < file.sizeBytes)
        throw new PassingFailure(`${file.path} was cut off at byte ${have} of ${file.sizeBytes}`);
    } finally {
      answer.body.destroy();
    }
  }
  return hash.digest("hex") === blobKey(file);
}

/** Asks for a file from a byte on. */
async function ask(what: Transfer, have: number): Promise<HubAnswer> {
  const { call, commit, file, blob } = what;
  const validator = have > 0 ? await readFile(`${blob}${VALIDATOR}`, "utf8").catch(() => null) : null;
  const headers: Record<string, string> = {
    ...(have > 0 ? { Range: `bytes=${have}-` } : {}),
    ...(validator === null ? {} : { "If-Range": validator }),
  };
  const answer = await call.http.get(fileUrl(call, commit, file.path), headers, call.signal);
  if (answer.status === 200 || answer.status === 206) return answer;
  answer.body.destroy();
  if (answer.status === 416 && have > 0) {
    await rm(`${blob}${PARTIAL}`, { force: true });
    throw new PassingFailure(`the rest of ${file.path} is not to be had`, 0);
  }
  throw statusFailure(askedFor(call), answer.status, answer.headers);
}

/** Whether what comes is what was asked for, as far as its headers show. */
function checkAnswer(what: Transfer, { status, headers, ownHeaders, url }: HubAnswer, from: number): void {
  const { call, file, commit } = what;
  const sent = headers["x-repo-commit"];
  if (sent !== undefined && sent !== commit) {
    throw new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `Expected ${file.path} of commit ${commit} but the hub sends that of ${sent.slice(0, 60)}. Try again.`,
    );
  }
  // Storage behind the hub names files otherwise; what the hub itself says of one is its hash.
  const ofHub = url.origin === new URL(call.http.endpoint).origin ? ownHeaders["etag"] : undefined;
  const etag = /^(?:W\/)?"?([0-9a-f]{40}|[0-9a-f]{64})"?$/.exec(headers["x-linked-etag"] ?? ofHub ?? "")?.[1];
  if (etag !== undefined && etag.length === blobKey(file).length && etag !== blobKey(file)) {
    throw new OpenVinoLlmError(
      "ERR_DOWNLOAD",
      `Expected ${file.path} with the hash ${blobKey(file)} but the hub sends ${etag}. Try again.`,
    );
  }
  if (status === 206) {
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(ownHeaders["content-range"] ?? "") ?? [];
    if (Number(first) !== from || (total !== "*" && Number(total) !== file.sizeBytes)) {
      throw wrongLength(what, ownHeaders["content-range"] ?? "no range");
    }
  } else if (
    ownHeaders["content-length"] !== undefined &&
    Number(ownHeaders["content-length"]) !== file.sizeBytes
  ) {
    throw wrongLength(what, ownHeaders["content-length"]);
  }
}

/** A weak name stands for more than one version, and may not be asked by. */
async function rememberValidator({ blob }: Transfer, { ownHeaders }: HubAnswer): Promise<void> {
  const etag = ownHeaders["etag"];
  if (etag?.startsWith('"') === true) await writeFile(`${blob}${VALIDATOR}`, etag);
  else await rm(`${blob}${VALIDATOR}`, { force: true });
}

async function restart({ blob, onBytes }: Transfer, handle: FileHandle): Promise<void> {
  await handle.truncate(0);
  await rm(`${blob}${VALIDATOR}`, { force: true });
  onBytes(0);
}

function wrongLength({ file }: Transfer, received: string): PassingFailure {
  return new PassingFailure(`${file.path} has ${file.sizeBytes} bytes but ${received} came`);
}

function damagedAtHub({ call, file }: Transfer): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `Expected ${file.path} with the hash ${blobKey(file)} from ${call.http.endpoint} but ${MAX_DAMAGED + 1} times another one came, ` +
      "so it was not kept. Something on the way changes files (a proxy, a mirror): try another network or HF_ENDPOINT.",
  );
}
