/** A hub on loopback that answers as the Hugging Face hub does, and misbehaves where a test asks it to. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A file that the hub has. */
interface Stored {
  readonly content: Buffer;
  /** Kept as a large one, with a SHA-256. */
  readonly isLarge: boolean;
}

/** What the hub was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/** Answers a request in the hub's place; false leaves it to the hub. */
export type Trick = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Sizes from which a file is a large one here. */
const LARGE_BYTES = 1000;
const PAGE = 3;

export class FakeHub implements AsyncDisposable {
  /** All requests in their order. */
  readonly asked: Asked[] = [];
  /** The first that answers a request has done so. */
  readonly tricks: Trick[] = [];
  readonly #commits = new Map<string, Map<string, Stored>>();
  readonly #heads = new Map<string, string>();
  readonly #about = new Map<string, object>();
  readonly #server: Server;
  #connections = 0;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("connection", () => this.#connections++);
  }

  static async start(): Promise<FakeHub> {
    const hub = new FakeHub();
    await once(hub.#server.listen(0, "127.0.0.1"), "listening");
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Adds a commit to a model's main branch. @returns it */
  commit(id: string, files: Readonly<Record<string, string | Buffer>>, about: object = {}): string {
    const stored = new Map(
      Object.entries(files).map(([path, content]) => {
        const bytes = Buffer.from(content);
        return [
          path,
          { content: bytes, isLarge: bytes.length >= LARGE_BYTES || /\.(?:bin|gguf)$/.test(path) },
        ];
      }),
    );
    const all = [...stored].map(([path, { content }]) => `${path} ${gitSha1(content)}`).join("\n");
    const sha = createHash("sha1").update(`${id} ${all}`).digest("hex");
    this.#commits.set(`${id}@${sha}`, stored);
    this.#heads.set(id, sha);
    this.#about.set(id, { cardData: { license: "mit" }, ...about });
    return sha;
  }

  /** Answers the next requests that fit with this, so many times. */
  trick(
    pattern: RegExp,
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    times = 1,
  ): void {
    let left = times;
    this.tricks.push((request, response) => {
      if (left === 0 || !pattern.test(request.url ?? "")) return false;
      left--;
      answer(request, response);
      return true;
    });
  }

  /** Requests for the content of files. */
  get downloads(): Asked[] {
    return this.asked.filter(({ method, path }) => method === "GET" && path.includes("/resolve/"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "", headers } = request;
    const { authorization, range } = headers;
    this.asked.push({
      method,
      path: url,
      authorization,
      range,
      ifRange: headers["if-range"] as string | undefined,
    });
    if (this.tricks.some((trick) => trick(request, response))) return;
    const { pathname, searchParams } = new URL(url, this.url);
    const api = /^\/api\/models\/(.+?)\/(revision|tree)\/(.+)$/.exec(pathname);
    if (api !== null) {
      const [, id = "", what, revision = ""] = api;
      if (what === "revision") return this.#model(response, id, decodeURIComponent(revision));
      return this.#tree(response, id, revision, Number(searchParams.get("cursor") ?? 0));
    }
    const file = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
    if (file === null) return fail(response, 404, "");
    const [, id = "", revision = "", path = ""] = file;
    this.#file(request, response, {
      id,
      sha: this.#sha(id, decodeURIComponent(revision)),
      path: decodeURIComponent(path),
    });
  }

  #sha(id: string, revision: string): string | undefined {
    return revision === "main" ? this.#heads.get(id) : revision;
  }

  #model(response: ServerResponse, id: string, revision: string): void {
    const sha = this.#sha(id, revision);
    if (!this.#heads.has(id)) return fail(response, 401, "RepoNotFound", "Invalid username or password.");
    const files = this.#commits.get(`${id}@${sha}`);
    if (files === undefined) return fail(response, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    const siblings = [...files.keys()].map((rfilename) => ({ rfilename }));
    json(response, {
      id,
      modelId: id,
      sha,
      private: false,
      gated: false,
      tags: [],
      siblings,
      ...this.#about.get(id),
    });
  }

  #tree(response: ServerResponse, id: string, sha: string, from: number): void {
    const files = [...(this.#commits.get(`${id}@${sha}`) ?? [])];
    const entries = files.slice(from, from + PAGE).map(([path, stored]) => treeEntry(path, stored));
    if (from + PAGE < files.length) {
      const next = `${this.url}/api/models/${id}/tree/${sha}?recursive=true&expand=false&cursor=${from + PAGE}`;
      response.setHeader("Link", `<${next}>; rel="next"`);
    }
    json(response, entries);
  }

  #file(
    request: IncomingMessage,
    response: ServerResponse,
    { id, sha, path }: { id: string; sha: string | undefined; path: string },
  ): void {
    const stored = this.#commits.get(`${id}@${sha}`)?.get(path);
    if (stored === undefined) return fail(response, 404, "EntryNotFound", "Entry not found");
    response.setHeader("X-Repo-Commit", sha ?? "");
    sendFile(request, response, stored.content, etagOf(stored));
  }
}

/** Sends a file, or the part of it that is asked for, as web servers do. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  etag: string,
): void {
  const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
  const ifRange = request.headers["if-range"];
  const from = first === undefined || (ifRange !== undefined && ifRange !== `"${etag}"`) ? 0 : Number(first);
  response.setHeader("ETag", `"${etag}"`).setHeader("Accept-Ranges", "bytes");
  if (from > 0 && from >= content.length) {
    response.writeHead(416, { "Content-Range": `bytes */${content.length}` }).end();
    return;
  }
  if (from > 0) response.setHeader("Content-Range", `bytes ${from}-${content.length - 1}/${content.length}`);
  response.writeHead(from > 0 ? 206 : 200, { "Content-Length": content.length - from });
  response.end(request.method === "HEAD" ? undefined : content.subarray(from));
}

/** What the hub calls a file: its SHA-256, or Git's SHA-1 of a small one. */
export function etagOf({ content, isLarge }: Stored): string {
  return isLarge ? sha256(content) : gitSha1(content);
}

export function gitSha1(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** An entry of a tree, as the hub's API has it. */
export function treeEntry(path: string, { content, isLarge }: Stored): object {
  const lfs = isLarge ? { lfs: { oid: sha256(content), size: content.length, pointerSize: 132 } } : {};
  return { type: "file", path, oid: gitSha1(content), size: content.length, ...lfs };
}

export function fail(response: ServerResponse, status: number, code: string, message = ""): void {
  response.writeHead(status, {
    ...(code && { "X-Error-Code": code }),
    ...(message && { "X-Error-Message": message }),
  });
  response.end(JSON.stringify({ error: message }));
}

export function json(response: ServerResponse, value: unknown): void {
  const text = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": text.length }).end(text);
}
