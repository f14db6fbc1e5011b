import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHAIN_TEXT, writeChainModel } from "../../lib/models/gguf/chain-model.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { installPacked, ROOT, type TarballFiles } from "./packed-app.js";

// The benchmark, the model tools and the server beside the library, from their tarballs.

const run = promisify(execFile);

let folder: string;
let app: string;
let files: TarballFiles;
let env: NodeJS.ProcessEnv;
let model: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "openvino-llm-packages-")));
  app = join(folder, "app");
  env = {
    PATH: process.env["PATH"],
    HOME: folder,
    OPENVINO_LLM_CACHE: join(folder, "cache"),
    OPENVINO_LLM_RUNTIME: locateRuntime().dir,
    // The addon of this checkout: that of the tarball is another test's.
    OPENVINO_LLM_ADDON: join(ROOT, "build/Release/openvino_llm.node"),
  };
  files = await installPacked(
    ["openvino-llm", "openvino-llm-bench", "openvino-llm-model-tools", "openvino-llm-server"],
    app,
    folder,
    env,
  );
  model = join(folder, "chain.gguf");
  await writeChainModel(model);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command; `line` is its name, and the words that begin its arguments. */
function command(line: string, ...args: string[]) {
  const [name = "", ...words] = line.split(" ");
  return run(join(app, "node_modules", ".bin", name), [...words, ...args], { env, cwd: folder });
}

test("their tarballs hold what runs and their licence, and nothing else", () => {
  const tops = (name: keyof TarballFiles) => new Set(files[name]?.map((path) => path.split("/")[0]));
  const common = ["CHANGELOG.md", "LICENSE", "README.md", "package.json", "dist", "require"];
  expect(tops("openvino-llm-bench")).toEqual(new Set(common));
  expect(tops("openvino-llm-server")).toEqual(new Set([...common, "examples", "ui"]));
  const page = files["openvino-llm-server"]?.filter((path) => path.startsWith("ui/")) ?? [];
  expect(page.filter((path) => !/^ui\/(?:dist\/[^/]+\.js|[^/]+\.(?:css|html|svg))$/.test(path))).toEqual([]);
  expect(tops("openvino-llm-model-tools")).toEqual(new Set([...common, "lib"]));
  const sources = files["openvino-llm-model-tools"]?.filter((path) => path.startsWith("lib/")) ?? [];
  expect(sources.filter((path) => !/^lib\/prepare\/python\/[^/]+\.(?:py|txt)$/.test(path))).toEqual([]);
  expect(sources).toContain("lib/prepare/python/main.py");
});

test("there is one copy of the library", async () => {
  const { packages } = JSON.parse(await readFile(join(app, "package-lock.json"), "utf8")) as {
    packages: Record<string, unknown>;
  };
  const copies = Object.keys(packages).filter((path) => path.endsWith("node_modules/openvino-llm"));
  expect(copies).toEqual(["node_modules/openvino-llm"]);
});

test.each(["openvino-llm bench", "openvino-llm-bench"])(
  "%s measures a model and writes the report",
  async (line) => {
    const out = join(folder, line);
    const load = "--levels 1 --num-prompts 1 --repeats 1 --input-len 4 --output-len 4".split(" ");
    const { stdout } = await command(line, model, ...load, "--out", out);
    expect(stdout).toContain(`Results: ${out}`);
    expect(await readFile(join(out, "report.html"), "utf8")).toContain("<svg");
  },
);

test.each(["openvino-llm serve", "openvino-llm-server"])(
  "%s serves a model until it is asked to stop",
  async (line) => {
    const [name = "", ...words] = line.split(" ");
    const server = spawn(join(app, "node_modules", ".bin", name), [...words, model, "--port", "0"], {
      env,
      cwd: folder,
    });
    const [ready] = (await once(server.stdout, "data")) as [Buffer];
    const url = /^Ready at (\S+): chain/.exec(ready.toString())?.[1];
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ messages: [{ role: "user", content: "hello" }] }),
    });
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: CHAIN_TEXT } }] });
    for (const path of ["/", "/ui/main.js", "/ui/style.css"]) {
      expect((await fetch(`${url}${path}`)).status, path).toBe(200);
    }
    server.kill("SIGINT");
    expect(await once(server, "close")).toEqual([0, null]);
  },
);

test.each(["openvino-llm models", "openvino-llm-model-tools"])("%s has prepare and synth", async (line) => {
  expect((await command(line, "prepare", "--help")).stdout).toContain("--weight-format");
  const ended = await command(line, "synth", "no-such-model", "--weight-format", "int4").catch(
    (error: unknown) => error,
  );
  expect(ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("one of phi-4-mini, gpt-oss-20b"),
  });
});

test("models inspect draws its page by the benchmark's package", async () => {
  const page = join(folder, "page.html");
  await command("openvino-llm models inspect", model, "--html", page);
  expect(await readFile(page, "utf8")).toContain("<svg");
});
