import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// What a user's compiler says of dist/*.d.ts, through the package's own exports.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const app = mkdtempSync(join(tmpdir(), "openvino-llm-consumer-"));
afterAll(() => rmSync(app, { recursive: true, force: true }));

/** The oldest TypeScript that README names, and the one that the library is compiled by. */
const COMPILERS = ["typescript-least", "typescript"] as const;
const LEAST = "5.4.5";

/** Nothing is skipped or lenient. `rootDir`: below it are the links. */
const STRICT = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: "es2022",
  types: ["node"],
};

const WAYS = [
  { module: "node16", extensions: ["mts", "cts"] },
  { module: "nodenext", extensions: ["mts", "cts"] },
  // Of a bundler's user, with the DOM's types beside Node's.
  {
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2023", "dom", "dom.iterable"],
    extensions: ["mts"],
  },
];

/** Every entry point, a loop over a stream, its web stream, and tools in a list. */
const PROGRAM = `
import { defineTool, LLMPipeline, OpenVinoLlmError, type AnyTool, type Tool, type TokenChunk } from "openvino-llm";
import { runBench } from "openvino-llm-bench";
import { checkModel } from "openvino-llm/doctor";
import { prepareModel } from "openvino-llm-model-tools";
import { inspectModel } from "openvino-llm/models";
import { createHandler, LlmServer } from "openvino-llm-server";
import { createOpenVINO } from "openvino-llm-ai-sdk";

const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] } as const;
const weather = defineTool({ name: "get_weather", parameters: schema, execute: ({ city }) => city.length });
const written: Tool<"written", typeof schema> = { name: "written", parameters: schema };
const any: Tool = { name: "any", parameters: schema };
const tools: AnyTool[] = [weather, written, any];

export async function ask(): Promise<string | undefined> {
  const llm = await LLMPipeline.load("model");
  for await (const { text } of llm.stream("x", { tools })) console.log(text.length);
  const { toolCalls, timing } = await llm.generate("x", { tools: [weather, any] });
  if (timing.ttftMs !== null) console.log(timing.e2eMs.toFixed(), timing.tokensPerSecond.toFixed());
  const [call] = toolCalls ?? [];
  return call?.name === "get_weather" ? String(call.arguments["city"]) : undefined;
}

export async function answer(): Promise<Response> {
  const llm = await LLMPipeline.load("model");
  const texts = new TransformStream<TokenChunk, string>({
    transform: ({ text }, controller) => controller.enqueue(text),
  });
  const chunks: ReadableStream<TokenChunk> = llm.stream("x").toReadableStream();
  return new Response(chunks.pipeThrough(texts).pipeThrough(new TextEncoderStream()));
}

// So that the above says something.
// @ts-expect-error a path is a string
export const wrong = () => LLMPipeline.load(1);

export const rest = [runBench, checkModel, prepareModel, inspectModel, createHandler, LlmServer, createOpenVINO, OpenVinoLlmError];
`;

/** What the snippets of README and the documents take from those before them. */
const README_GLOBALS = `
import type * as library from "openvino-llm";
declare global {
  const LLMPipeline: typeof library.LLMPipeline;
  const llm: library.LLMPipeline;
  const z: typeof import("zod").z;
  function fetchWeather(city: string): Promise<{ summary: string }>;
}
`;

/** Snippets of these compile. */
const DOCUMENTS = [
  "README.md",
  "docs/api.md",
  "docs/many-users.md",
  "docs/models.md",
  "docs/structured-output.md",
  "packages/bench/README.md",
  "packages/model-tools/README.md",
  "packages/server/README.md",
];
const DOCUMENT_BLOCKS = DOCUMENTS.flatMap(blocksOf);

/** Its declarations import those of LangChain, which do not hold with all that is strict. */
const LANGCHAIN_BLOCKS = blocksOf("packages/langchain/README.md");

function blocksOf(readme: string): string[] {
  const blocks = readFileSync(join(ROOT, readme), "utf8").matchAll(/^```(?:js|ts)\n(.*?)^```$/gms);
  return [...blocks].map(([, block = ""]) => block);
}

beforeAll(async () => {
  for (const scope of ["@types", "@langchain"]) {
    await mkdir(join(app, "node_modules", scope), { recursive: true });
  }
  await symlink(ROOT, join(app, "node_modules", "openvino-llm"));
  for (const name of [
    "openvino-llm-bench",
    "openvino-llm-model-tools",
    "openvino-llm-server",
    "openvino-llm-langchain",
    "@langchain/core",
    "openvino-llm-ai-sdk",
    "zod",
    "@types/node",
  ])
    await symlink(join(ROOT, "node_modules", name), join(app, "node_modules", name));
});

/** What the compiler says, nothing where all is well. */
async function compile(
  compiler: string,
  name: string,
  compilerOptions: object,
  files: string[],
): Promise<string> {
  const config = join(app, `${name}.json`);
  await writeFile(config, JSON.stringify({ compilerOptions: { ...STRICT, ...compilerOptions }, files }));
  const tsc = join(ROOT, "node_modules", compiler, "bin", "tsc");
  try {
    return (await promisify(execFile)(process.execPath, [tsc, "-p", config], { cwd: app })).stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

it("README names the least TypeScript that is tried here", () => {
  const manifest = JSON.parse(
    readFileSync(join(ROOT, "node_modules", "typescript-least", "package.json"), "utf8"),
  ) as { version: string };
  expect(manifest.version).toBe(LEAST);
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(LEAST) ?? [];
  expect(readFileSync(join(ROOT, "README.md"), "utf8")).toContain(
    `**TypeScript** ${major}.${minor} or newer`,
  );
});

describe.each(COMPILERS)("%s", { timeout: 600_000 }, (compiler) => {
  it.each(WAYS)("compiles a strict program with module $module", async ({ extensions, ...options }) => {
    const name = `${compiler}-${options.module}`;
    const files = extensions.map((extension) => `${name}.${extension}`);
    for (const file of files) await writeFile(join(app, file), PROGRAM);
    expect(await compile(compiler, name, options, files)).toBe("");
  });

  it.each([
    ["documents", DOCUMENT_BLOCKS, {}],
    ["langchain-readme", LANGCHAIN_BLOCKS, { skipLibCheck: true }],
  ])("compiles every piece of %s", async (readme, blocks, options) => {
    expect(blocks.length).toBeGreaterThan(2);
    const name = `${compiler}-${readme}`;
    await mkdir(join(app, name), { recursive: true });
    const files = ["globals.d.mts", ...blocks.map((_, index) => `block-${index + 1}.mts`)];
    const texts = [README_GLOBALS, ...blocks.map((block) => `${block}\nexport {};\n`)];
    for (const [index, file] of files.entries()) {
      await writeFile(join(app, name, file), texts[index] ?? "");
    }
    const paths = files.map((file) => join(name, file));
    expect(await compile(compiler, name, { module: "nodenext", ...options }, paths)).toBe("");
  });
});
