import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { runNode } from "../helpers/run-node.js";

// What `import "openvino-llm"` evaluates: what only a report, a download or the command line needs is not among it.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "openvino-llm-modules-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** By room; "" is dist/ itself. */
const MODULES = {
  "": "index",
  abort: "abort-load on-abort",
  cache: "cache heartbeat process-lock process-name",
  chat: "chat-options session trim turn",
  download: "file-hash sha256",
  embeddings: "text-embedding-pipeline text-model text-model-options text-rerank-pipeline",
  "engine-guard": "engine-faults guard plugin-settings",
  errors: "errors shortage system-errors",
  generation:
    "answer-plan answer-reader call-options close-options generation load-options percentile request-assembly timing token-stream",
  host: "isa-variable",
  hub: "find-snapshot layout model-name settings tree",
  models: "config open",
  "models/adapters": "adapter-check adapter-config adapters",
  "models/files": "header-reader json-file manifest safetensors xml-tags",
  "models/gguf": "gguf gguf-check gguf-format gguf-metadata pre-tokenizers",
  "models/ir":
    "added-tokens ir-check ir-files ir-layers ir-matmuls ir-scan layer-names string-tables weight-format",
  "models/store": "convert file-hash hub-model known-models model-package resolve",
  native: "binding find-addon native-convert native-errors native-pipeline",
  options:
    "adapters generation-config generation-options generation-rules json model-generation-config native-config option-checks properties resolve-scheduler-options scheduler-rules scheduler-table speculation validate-generation-options",
  parsers:
    "call-draft catalog characters delimiter-set detect json-calls json-scanner lenient-json output-parser part-sink python-calls python-literal reading reasoning-calls source tagged-calls text-tail tool-machine typed-value value-types",
  "parsers/formats":
    "deepseek gemma glm4 gpt-oss hermes kimi-k2 lfm2 llama-pythonic llama3-json minicpm5 mistral phi4 qwen3-coder think",
  pipelines: "continuous-batching-pipeline generation-pipeline llm-pipeline load load-settings",
  profiles: "choose-properties performance-hints profile-options settle-properties warning",
  prompt: "check-messages composing content-escapes input tool-prompt",
  runtime: "devices locate node-require openvino-build pins platform",
  structured: "format-grammar grammar-limits read-object schema",
  "structured/grammar":
    "array-grammar automaton character-set compile-schema constants digits expression formats json-text keywords known-grammars language language-node number-grammar object-grammar pattern-language rules schema-set string-grammar",
  "structured/json-schema": "references schema-judge visit-schemas",
  "structured/patterns": "compile-pattern linear-pattern parse-pattern",
  tokenizer: "added-tokens encoded-batch token-names tokenizer tokenizer-calls tokenizer-options",
  "tool-loop": "run-tools tool-messages",
  tools: "tool tool-grammar tool-options",
};

it("the import evaluates these modules and no others of ours, and one package", async () => {
  const list = join(folder, "modules");
  const hooks = `
    import { appendFileSync } from "node:fs";
    export async function load(url, context, next) {
      appendFileSync(${JSON.stringify(list)}, url + "\\n");
      return next(url, context);
    }`;
  const program = `
    import { register } from "node:module";
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});
    await import(${JSON.stringify(join(ROOT, "dist", "index.js"))});`;
  const { code, stderr } = await runNode(["--input-type=module", "-e", program]);
  expect(code, stderr).toBe(0);
  const paths = readFileSync(list, "utf8")
    .split("\n")
    .filter((url) => url.startsWith("file:"))
    .map((url) => relative(ROOT, fileURLToPath(url)));
  const packages = paths.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  expect(new Set(packages)).toEqual(new Set(["@cfworker/json-schema"]));
  const found: Record<string, string[]> = {};
  for (const path of paths.filter((name) => name.startsWith("dist/"))) {
    const room = dirname(path).slice("dist/".length);
    (found[room] ??= []).push(basename(path, ".js"));
  }
  const asText = Object.fromEntries(
    Object.entries(found).map(([room, names]) => [room, names.toSorted().join(" ")]),
  );
  expect(asText).toEqual(MODULES);
});
