/** What the hub knows of a model: its commit, its licence, its files. All is checked: names become paths here. */
import type { Readable } from "node:stream";

import { describe, OpenVinoLlmError } from "../errors/errors.js";
import { networkFailure, PassingFailure, statusFailure, type Asked } from "./failures.js";
import type { HubAnswer, HubHttp } from "./http.js";
import { COMMIT, hubNameText, MAIN, type HubModelName } from "./model-name.js";
import { Tries, type OnRetry, type RetryPolicy } from "./retry.js";
import type { HubFile } from "./tree.js";

/** A model as the hub describes it. */
export interface HubModel {
  readonly commit: string;
  /** As the model card has it, e.g. `mit`; null where it has none. */
  readonly license: string | null;
  /** Of a GGUF repository, as the hub read it from a file; null where it has none. */
  readonly ggufArchitecture: string | null;
}

/** How the hub is asked. */
export interface HubCall {
  readonly http: HubHttp;
  readonly name: HubModelName;
  readonly retry: RetryPolicy;
  readonly onRetry?: OnRetry | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an honest answer stays far below: it is held in memory. */
const MAX_ANSWER_BYTES = 64 << 20;
const MAX_FILES = 100_000;
const MAX_PAGES = 2000;

/** What is asked for, for messages. */
export function askedFor({ http: { endpoint, hasToken }, name }: Pick<HubCall, "http" | "name">): Asked {
  return { name: hubNameText(name), id: name.id, endpoint, hasToken };
}

/**
 * Asks for a model.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_NOT_FOUND`, `ERR_DOWNLOAD`
 */
export async function fetchModelInfo(call: HubCall): Promise<HubModel> {
  const { id, revision } = call.name;
  const { value } = await fetchJson(call, apiUrl(call, `revision/${encodeURIComponent(revision ?? MAIN)}`));
  const { sha, cardData, tags, gguf } = objectOf(value);
  if (typeof sha !== "string" || !COMMIT.test(sha)) throw wrongAnswer(call, `a commit of ${id}`, sha);
  const card = objectOf(cardData)["license"];
  const tag = (Array.isArray(tags) ? tags : []).find(
    (one) => typeof one === "string" && one.startsWith("license:"),
  );
  const architecture = objectOf(gguf)["architecture"];
  return {
    commit: sha,
    license:
      typeof card === "string" ? card : ((tag as string | undefined)?.slice("license:".length) ?? null),
    ggufArchitecture: typeof architecture === "string" ? architecture : null,
  };
}

/**
 * The files of a commit, page by page.
 *
 * @throws OpenVinoLlmError `ERR_DOWNLOAD`, also for a file whose path leads out of its folder
 */
export async function fetchTree(call: HubCall, commit: string): Promise<HubFile[]> {
  const files: HubFile[] = [];
  let next: URL | null = apiUrl(call, `tree/${commit}?recursive=true&expand=false`);
  for (let pages = 1; next !== null; pages++) {
    const { value, headers }: FetchedJson = await fetchJson(call, next);
    if (!Array.isArray(value)) throw wrongAnswer(call, "a list of files", value);
    files.push(...value.flatMap((entry) => fileOf(call, entry)));
    if (files.length > MAX_FILES || pages > MAX_PAGES)
      throw wrongAnswer(call, `at most ${MAX_FILES} files`, "more");
    const following = nextPage(headers["link"], next);
    // A mirror's pages may name the hub itself.
    next = following === null || value.length === 0 ? null : atHub(call, following);
  }
  return files;
}

/** The address of a file. */
export function fileUrl({ http, name }: Pick<HubCall, "http" | "name">, commit: string, path: string): URL {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return new URL(`${http.endpoint}/${name.id}/resolve/${commit}/${encoded}`);
}

function apiUrl({ http, name }: HubCall, rest: string): URL {
  return new URL(`${http.endpoint}/api/models/${name.id}/${rest}`);
}

interface FetchedJson {
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

async function fetchJson(call: HubCall, url: URL): Promise<FetchedJson> {
  const { http, retry, onRetry, signal } = call;
  const tries = new Tries(http.endpoint, retry, onRetry);
  for (;;) {
    try {
      const answer = await http.get(url, { Accept: "application/json" }, signal);
      if (answer.status !== 200) {
        answer.body.destroy();
        throw statusFailure(askedFor(call), answer.status, answer.headers);
      }
      return { value: await readJson(call, answer), headers: answer.headers };
    } catch (error) {
      await tries.fail(networkFailure(error, http.endpoint, false), signal);
    }
  }
}

async function readJson(call: HubCall, { body, headers }: HubAnswer): Promise<unknown> {
  const text = await readText(body);
  if (text === null) throw wrongAnswer(call, `an answer below ${MAX_ANSWER_BYTES >> 20} MB`, "a longer one");
  const length = headers["content-length"];
  if (length !== undefined && Number(length) !== text.byteLength)
    throw new PassingFailure("the answer was cut off");
  try {
    return JSON.parse(text.toString("utf8"));
  } catch {
    throw wrongAnswer(call, "JSON", text.subarray(0, 40).toString("latin1"));
  }
}

/** Null where it is too long. */
async function readText(body: Readable): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.byteLength;
    if (bytes > MAX_ANSWER_BYTES) return null;
  }
  return Buffer.concat(parts);
}

function fileOf(call: HubCall, entry: unknown): HubFile[] {
  const { type, path, oid, size, lfs } = objectOf(entry);
  if (type !== "file") return [];
  if (typeof path !== "string" || !isInside(path)) {
    throw wrongAnswer(call, "paths of files within the model", path);
  }
  const large = lfs === undefined || lfs === null ? null : objectOf(lfs);
  const sizeBytes = large === null ? size : large["size"];
  const sha256 = large?.["oid"] ?? null;
  const isWhole =
    typeof oid === "string" &&
    COMMIT.test(oid) &&
    Number.isSafeInteger(sizeBytes) &&
    Number(sizeBytes) >= 0 &&
    (large === null || (typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256)));
  if (!isWhole) throw wrongAnswer(call, `size and hashes of ${path}`, oid);
  return [{ path, sizeBytes: Number(sizeBytes), gitSha1: oid, sha256: sha256 as string | null }];
}

/** Whether a path stays below the folder that it is put into, on every system. */
function isInside(path: string): boolean {
  // oxlint-disable-next-line no-control-regex
  if (path.length > 1000 || /[\\\u0000-\u001f]|^[A-Za-z]:/.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** RFC 8288: `<address>; rel="next"`. */
function nextPage(link: string | undefined, from: URL): URL | null {
  const address = /<([^>]+)>\s*;[^,<]*\brel="?next"?/.exec(link ?? "")?.[1];
  return address !== undefined && URL.canParse(address, from.href) ? new URL(address, from.href) : null;
}

function atHub({ http }: HubCall, url: URL): URL {
  const { origin } = new URL(http.endpoint);
  return url.origin === origin ? url : new URL(`${origin}${url.pathname}${url.search}`);
}

function objectOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value : {};
}

function wrongAnswer({ http }: HubCall, expected: string, received: unknown): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `Expected ${expected} from ${http.endpoint} but received ${describe(received)}. Check HF_ENDPOINT: it may not be a hub.`,
  );
}
