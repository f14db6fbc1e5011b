import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { errorMessagesOf, HOLE } from "../../helpers/error-messages.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PACKAGES = { "openvino-llm": "lib/index.ts", "openvino-llm/internal": "lib/internal.ts" };

/** The longest says how a bundler keeps its hands off this package. */
const MAX_LENGTH = 600;

/** What readers of GenAI, vLLM and Hugging Face do not say, and words that read oddly. */
const HOUSE_WORDS =
  /\b(?:anew|beside|cure|let[ _]go|mend(?:s|ed)?|told|tells?|wish(?:es|ed)?|marks?|by (?:pip|Python|OPENVINO_\w+|HF_\w+|--\S+))\b|waiting queue/i;

/** What a message may end with: a full stop, another's words, or a command to be copied. */
const END = /[.?]$|[.?:]\s‹›$|[:,] (?:then )?(?:npx|npm|docker|‹› -m) [^.]*$/;

/** What is wrong with a message as a sentence to be read. */
function faultsOf(message: string): string[] {
  const text = message.replaceAll(HOLE, "‹›");
  const checks: readonly (readonly [fault: string, holds: boolean])[] = [
    ["begins with a capital or a name", /^(?:[A-Z"‹]|[\w.]*[.[]\S*: [A-Z"‹])/.test(text)],
    ["has a sentence behind the name that it begins with", !/^[\w.[\]]*‹›[^ :]*: [a-z]/.test(text)],
    ["ends with a full stop, another's words or a command", END.test(text)],
    ["has single spaces", !/\S {2}|\s[.,;:](?!\w)| $/.test(text)],
    ["has one full stop", !/\.\.(?!\.)|[,:;]\.|\?\./.test(text.replaceAll("...", ""))],
    ["has no value of JavaScript", !/\bundefined\b|\[object|\bNaN\b/.test(text)],
    ["has the words of the field", !HOUSE_WORDS.test(text)],
    ["says what came", !/^(?:\S+: )?Expected /.test(text) || text.includes(" but ")],
    ["names what was expected with a noun", !/Expected nothing\b|[,:;] for ‹?/.test(argumentOf(text))],
    [`has at most ${MAX_LENGTH} characters`, text.length <= MAX_LENGTH],
  ];
  return checks.filter(([, holds]) => !holds).map(([fault]) => fault);
}

/** What stands before "but received". */
function argumentOf(text: string): string {
  return /^Expected .*? but received/.exec(text)?.[0] ?? "";
}

/** The texts of the library's and the packages' sources, by path. */
function sources(): Map<string, string> {
  const packages = readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}`);
  const folders = ["lib", ...packages.flatMap((path) => [`${path}/lib`, `${path}/ui/lib`])];
  const files = folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((path) => [relative(ROOT, path), readFileSync(path, "utf8")]));
}

describe("error messages", () => {
  const messages = errorMessagesOf(sources(), PACKAGES);

  it("are sentences: what was expected, what came, what to do", () => {
    const faulty = messages.flatMap(({ file, line, text }) =>
      faultsOf(text).map((fault) => `${file}:${line} ${fault}: ${text}`),
    );
    expect(faulty).toEqual([]);
  });

  it("are all read: through wrappers, tables, constants and the library's helpers in packages", () => {
    const texts = messages.map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(1000);
    expect(texts).toEqual(
      expect.arrayContaining([
        "Expected no value with promptLookup for options.draftModel but received ‹describe›. Choose one of them.",
        "Expected no value with serve for options.isaCompare but received ‹describe›. It is a comparison too.",
        "‹path›: Expected pairs of matrices but the file is empty. Pass the adapter_model.safetensors that PEFT writes.",
        "The model could not be loaded: the system gave no more threads. Raise the limit of processes (ulimit -u, the " +
          "container's pids.max) or of memory (ulimit -v), or close other programs of this user.",
      ]),
    );
  });
});

describe("a message", () => {
  const GOOD = "Expected a number for options.x but received 1.";

  it.each([
    [GOOD],
    [`‹path›: ${GOOD} Try again.`],
    ['"a" is there twice.'],
    [`${GOOD} Did you mean ‹name›?`],
    ["Nothing is there. Get it with: npx openvino-llm models fetch ‹name›"],
    ["The load failed: ‹message›"],
  ])("is right: %s", (text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  it.each([
    ["a capital", "expected a number but received 1."],
    ["sentence behind the name", "‹path›: expected a number but received 1."],
    ["full stop", "The file is damaged"],
    ["single spaces", "The file  is damaged."],
    ["one full stop", "The file is damaged.."],
    ["one full stop", "The file is damaged,."],
    ["value of JavaScript", "The file undefined is damaged."],
    ["value of JavaScript", "The file [object Object] is damaged."],
    ["words of the field", "Make the file anew."],
    ["words of the field", "Choose another folder by OPENVINO_LLM_CACHE."],
    ["what came", "Expected a number for options.x."],
    ["with a noun", "Expected nothing for options.x but received 1."],
    ["with a noun", "Expected 1, because it is so, for options.x but received 2."],
    ["characters", `${"Long ".repeat(MAX_LENGTH / 5)}text.`],
  ])("without %s is found: %s", (fault, text) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining(fault)]);
  });

  it("is found with each of its texts, wherever its words stand", () => {
    const sources = {
      "lib/errors.ts": `
        export function about(name: string, problem: string, advice = ""): Error {
          return new MyError(\`\${name}: \${problem}\${advice && \` \${advice}\`}\`);
        }`,
      "lib/index.ts": 'export { about } from "./errors.js";',
      "packages/a/lib/a.ts": `
        import { about } from "the-library";
        const CURE = "Try again.";
        const TABLE = { a: "It is too long.", b: "It is too short." } as const;
        export function check(path: string, kind: "a" | "b", isOpen: boolean): void {
          const what = isOpen ? "open" : "closed";
          if (kind === "a") throw about(path, TABLE[kind]);
          throw about("a.txt", "The file is " + what + ".", CURE);
        }
        export const fail = (message: string) => new TypeError(message);`,
    };
    const texts = errorMessagesOf(new Map(Object.entries(sources)), { "the-library": "lib/index.ts" });
    expect(texts.map(({ file, line, text }) => `${file}:${line} ${text}`)).toEqual([
      "packages/a/lib/a.ts:7 ‹path›: It is too long.",
      "packages/a/lib/a.ts:7 ‹path›: It is too short.",
      "packages/a/lib/a.ts:8 a.txt: The file is open. Try again.",
      "packages/a/lib/a.ts:8 a.txt: The file is closed. Try again.",
    ]);
  });
});
