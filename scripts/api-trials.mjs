// Asks a server what its OpenAPI document says that may be asked, and what it says that may not, and holds the answers
// against the document: schemathesis, which pip installs by hash. The models are tiny: a chain model, vectors, an order.
//   node scripts/api-trials.mjs [--examples 50] [--seed 1] [--only REGEXP]
// --examples: drawn requests for each operation; --only: paths. Needs dist/ and the built addon. Exit code 1 for an error of
// the server, an answer that is not as documented, or an engine that has something to do afterwards.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ContinuousBatchingPipeline, TextEmbeddingPipeline, TextRerankPipeline } from "openvino-llm";
import { LlmServer } from "openvino-llm-server";
import { writeChainModel } from "../dist/models/gguf/chain-model.js";
import { pythonPackages } from "./python-packages.mjs";

const { values } = parseArgs({
  options: {
    examples: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { python, env } = await pythonPackages(here("api-trials/requirements.txt"));
const folder = await mkdtemp(join(tmpdir(), "openvino-llm-api-trials-"));
const closers = [];
try {
  const model = join(folder, "chain.gguf");
  await writeChainModel(model);
  const llm = closing(await ContinuousBatchingPipeline.load(model));
  const embedder = closing(await TextEmbeddingPipeline.load(here("../test/fixtures/tiny-bert")));
  const reranker = closing(await TextRerankPipeline.load(here("../test/fixtures/tiny-reranker")));
  const models = [
    { name: "chain", llm },
    { name: "vectors", pipeline: embedder },
    { name: "order", pipeline: reranker },
  ];
  const log = { info: () => {}, warn: () => {}, error: (fields) => console.error(fields) };
  const server = closing(await LlmServer.start({ models, port: 0, log }));
  await server.ready;
  const args = ["-m", "schemathesis.cli", "run", `${server.url}/openapi.json`, "--no-color"];
  const asked = ["--checks", CHECKS.join(), "--max-examples", values.examples, "--seed", values.seed];
  const phases = ["--phases", "examples,coverage,fuzzing", "--generation-database", "none"];
  const only = values.only === undefined ? [] : ["--include-path-regex", values.only];
  const child = spawn(python, [...args, ...asked, ...phases, ...only], {
    env: { ...process.env, ...env },
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = await once(child, "exit");
  const { running, waiting } = llm.metrics();
  if (running + waiting > 0) console.error(`${running} requests run and ${waiting} wait after all is over.`);
  if (code !== 0 || running + waiting > 0) process.exitCode = 1;
} finally {
  for (const one of closers.toReversed()) await one.close();
  await rm(folder, { recursive: true, force: true });
}

function closing(one) {
  closers.push(one);
  return one;
}
