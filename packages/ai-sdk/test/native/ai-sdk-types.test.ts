import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { npmTools } from "../../../../scripts/tools.mjs";

// What a user's compiler says: the models are those of the AI SDK's types, of both versions, and README compiles.

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "openvino-llm-ai-sdk-types-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const README = readFileSync(join(ROOT, "packages/ai-sdk/README.md"), "utf8");
const BLOCKS = [...README.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = ""]) => block);

const program = (version: "3" | "4") => `
import type { EmbeddingModelV${version}, LanguageModelV${version}, ProviderV${version}, RerankingModelV${version} } from "@ai-sdk/provider";
import type { EmbeddingModel, LanguageModel, RerankingModel } from "ai";
import { createOpenVINO, openvino } from "openvino-llm-ai-sdk";

const made = createOpenVINO({ specificationVersion: "v${version}" });
export const provider: ProviderV${version} = made;
export const language: LanguageModelV${version} & LanguageModel = made("x");
export const embedding: EmbeddingModelV${version} & EmbeddingModel = made.embeddingModel("x");
export const reranking: RerankingModelV${version} & RerankingModel = made.rerankingModel("x");
export const version: "v4" = openvino.specificationVersion;
// So that the above says something.
// @ts-expect-error another version
export const other: ProviderV${version} = createOpenVINO({ specificationVersion: "v${version === "3" ? "4" : "3"}" });
`;

it.each([
  ["6", "3"],
  ["7", "4"],
] as const)("ai %s takes the models for those of version %s", async (ai, specification) => {
  const app = join(folder, ai);
  const tools = join(await npmTools(join(ROOT, `packages/ai-sdk/test/sdk/ai-${ai}`)), "node_modules");
  const links = {
    ai: join(tools, "ai"),
    zod: join(tools, "zod"),
    "@ai-sdk": join(tools, "@ai-sdk"),
    "@types/json-schema": join(ROOT, "node_modules/@types/json-schema"),
    "@types/node": join(ROOT, "node_modules/@types/node"),
    "openvino-llm": ROOT,
    "openvino-llm-ai-sdk": join(ROOT, "packages/ai-sdk"),
  };
  for (const [name, target] of Object.entries(links)) {
    await mkdir(dirname(join(app, "node_modules", name)), { recursive: true });
    await symlink(target, join(app, "node_modules", name));
  }
  // The README is for the newest version.
  const blocks = ai === "7" ? BLOCKS : [];
  const texts = [program(specification), ...blocks.map((block) => `${block}\nexport {};\n`)];
  const files = texts.map((_, index) => `program-${index}.mts`);
  for (const [index, file] of files.entries()) await writeFile(join(app, file), texts[index] ?? "");
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    // Those of `ai` want the DOM and more; ours are looked at by consumers.test.ts.
    skipLibCheck: true,
    target: "es2022",
    module: "nodenext",
    types: ["node"],
  };
  await writeFile(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", app]).catch(
    (error: unknown) => error as { stdout: string },
  );
  expect(stdout).toBe("");
});

it("README has pieces to compile", () => {
  expect(BLOCKS.length).toBeGreaterThan(4);
});
