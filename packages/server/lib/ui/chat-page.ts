/** The chat page: files of this package, which every answer has as they are. They hold no data, so they need no key. */
import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";

const FOLDER = new URL("../../ui/", import.meta.url);

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The page's own scripts, styles and pictures, requests to its own server, and nothing else; no markup made of text. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** A file as it is sent. */
export interface PageFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export class ChatPage {
  readonly #files = new Map<string, PageFile>();

  /**
   * Reads the files.
   *
   * @param basePath - what stands before the server's paths in the browser's address; "" for nothing, or for what only a
   *   proxy knows: the page then asks relative to its own address
   * @throws a system error where they are not there
   */
  constructor(basePath: string) {
    const index = read("index.html");
    const page = basePath === "" ? index : index.replaceAll('="ui/', `="${attributeText(basePath)}/ui/`);
    const file = fileOf("index.html", page);
    // Where a handler is mounted its own path may come without a slash.
    for (const path of ["/", ""]) this.#files.set(path, file);
    for (const name of ["style.css", "icon.svg"]) this.#files.set(`/ui/${name}`, fileOf(name, read(name)));
    for (const name of readdirSync(new URL("dist/", FOLDER))) {
      this.#files.set(`/ui/${name}`, fileOf(name, read(`dist/${name}`)));
    }
  }

  /** What a path leads to. */
  fileAt(path: string): PageFile | undefined {
    return this.#files.get(path);
  }
}

function read(name: string): string {
  return readFileSync(new URL(name, FOLDER), "utf8");
}

function fileOf(name: string, text: string): PageFile {
  const headers = {
    "content-type": CONTENT_TYPES[extname(name)] ?? "text/plain; charset=utf-8",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    // Another version of the package has other scripts under the same names.
    "cache-control": "no-cache",
  };
  return { headers, text };
}

function attributeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
