import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { GenerateReport } from "../../lib/cli/generate/generate-report.js";
import { cacheDir } from "../../lib/cache/cache.js";
import { parseCpuInfo } from "../../lib/host/cpu-info.js";
import { canRun, flagsFromKernel, rankOf } from "../../lib/host/kernels/instruction-sets.js";
import type { DoctorReport } from "../../lib/doctor/report.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { writeManifest } from "../../lib/runtime/manifest.js";
import {
  EXPECTED_BUILDS,
  RUNTIME_LIBRARIES,
  RUNTIME_VERSION,
  RUNTIME_WHEELS,
} from "../../lib/runtime/pins.js";
import { chainModel, temporaryFolder } from "../helpers/chain.js";

/** The built command line, as a user runs it. */
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Not reached before a test ends the command. */
const NO_LIMIT = ["--max-new-tokens", "1000000"];

interface Outcome {
  code: number | null;
  /** What ended it in place of a code. */
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

let chain: string;
let endless: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  chain = await chainModel();
  endless = await chainModel({ loop: true, text: "abcdef ", contextLength: 2 ** 20 });
  environment = {
    ...process.env,
    OPENVINO_LLM_RUNTIME: locateRuntime().dir,
    OPENVINO_LLM_CACHE: temporaryFolder(),
  };
  // What the tests are about.
  for (const name of ["OPENVINO_LLM_DEBUG", "ONEDNN_VERBOSE", "ONEDNN_MAX_CPU_ISA"]) delete environment[name];
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { env: { ...environment, ...env } });
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { code: null, signal: null, stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (outcome.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (outcome.stderr += text));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { ...outcome, code, signal };
}

/** What the command printed as JSON. One that ended otherwise than expected has perhaps printed nothing. */
function reportOf({ code, signal, stdout, stderr }: Outcome, expectedCode = 0): unknown {
  expect({ code, signal }, stderr).toEqual({ code: expectedCode, signal: null });
  return JSON.parse(stdout) as unknown;
}

async function run(
  args: readonly string[],
  options: { stdin?: string | Buffer; env?: NodeJS.ProcessEnv } = {},
) {
  const child = start(args, options.env);
  child.stdin?.end(options.stdin ?? "");
  return outcomeOf(child);
}

describe("generate", () => {
  test("answers the prompt in the argument, and nothing but the answer is on stdout", async () => {
    const { code, stdout } = await run(["generate", "--model", chain, "Hello"]);
    expect(stdout).toBe(`${CHAIN_TEXT}\n`);
    expect(code).toBe(0);
  });

  test("reads the prompt from stdin where there is no argument, and for -", async () => {
    // Raw, the chain goes on after the last byte of its prompt; the line end of `echo` is not part of it.
    const expected = { code: 0, stdout: "ich: ✓🙂7,5\n" };
    expect(await run(["generate", "--raw", "-m", chain], { stdin: "Zür\n" })).toMatchObject(expected);
    expect(await run(["generate", "--raw", "-m", chain, "-"], { stdin: "Zür" })).toMatchObject(expected);
  });

  test("wants a prompt of text on stdin", async () => {
    const empty = await run(["generate", "-m", chain]);
    expect(empty).toMatchObject({ code: 2, stdout: "" });
    expect(empty.stderr).toContain("Expected a prompt but stdin is empty");
    const binary = await run(["generate", "-m", chain, "-"], { stdin: Buffer.from([0x68, 0xff]) });
    expect(binary).toMatchObject({ code: 2, stdout: "" });
    expect(binary.stderr).toContain("Expected UTF-8");
  });

  test("takes the library's options", async () => {
    const stopped = await run(["generate", "-m", chain, "--stop", "x", "--stop", "🙂", "Hello"]);
    expect(stopped.stdout).toBe("Zürich: ✓\n");
    const short = await run(["generate", "-m", chain, "-n", "1", "--system", "Be brief.", "Hello"]);
    expect(short.stdout).toBe("Z\n");
  });

  test("prints the whole result as JSON and nothing else with --json", async () => {
    const args = ["--json", "--threads", "1", "--seed", "7"];
    const report = reportOf(await run(["generate", "-m", chain, ...args, "Hello"])) as GenerateReport;
    expect(report).toMatchObject({
      text: CHAIN_TEXT,
      finishReason: "stop",
      stopReason: null,
      usage: { completionTokens: report.tokenIds.length },
      pipeline: {
        name: "chain",
        device: "CPU",
        contextLength: 2048,
        warmup: false,
        properties: { INFERENCE_NUM_THREADS: 1 },
        generationConfig: { rngSeed: 7 },
      },
    });
    expect(report.pipeline.loadMs).toBeGreaterThan(0);
    expect(report.timing.ttftMs).toBeGreaterThan(0);
    for (const stamps of [report.timing.perToken.producedMs, report.timing.perToken.deliveredMs]) {
      expect(Array.isArray(stamps)).toBe(true);
      expect(stamps).toHaveLength(report.tokenIds.length);
    }
    expect(report.processor).toBeUndefined();
  });

  test("prints figures, a chart and the instruction sets to stderr with --stats, without colour", async () => {
    const { code, stdout, stderr } = await run(["generate", "-m", chain, "--stats", "--warmup", "Hello"]);
    expect(code).toBe(0);
    expect(stdout).toBe(`${CHAIN_TEXT}\n`);
    expect(stderr).toMatch(/^ {2}Load time .* s, warm-up not included$/m);
    expect(stderr).toMatch(/^ {2}Answer +20 tokens, ended by the model \(stop\)$/m);
    expect(stderr).toMatch(/^ {2}Time to first token \(TTFT\) +[\d.,]+ ms, measured after a warm-up$/m);
    expect(stderr).toMatch(/^ {2}Inter-token latency \(ITL\) +p50 [\d.,]+ ms, p90 [\d.,]+ ms$/m);
    expect(stderr).toMatch(/^ {2}Latency of tokens 2 to 20 in ms, highest/m);
    expect(stderr).toMatch(/█/);
    expect(stderr).toMatch(
      /^ {2}Inference uses +\S+.* \(oneDNN: \w+\), .* weights, .* activations.*\n +prefill of 128 tokens: .*AMX.* %\)\n +1 token: .*AMX.* %\)\n +8 tokens: .*AMX.* %\)$/m,
    );
    expect(stderr).not.toContain("\u001b");
  });

  test("adds the processor to the JSON with --json --stats", async () => {
    const outcome = await run(["generate", "-m", chain, "--stats", "--json", "Hello"]);
    const { processor } = reportOf(outcome) as GenerateReport;
    expect(processor?.inference).toMatchObject({ ok: true });
    expect(processor?.flags.avx2).toBeTypeOf("boolean");
  });

  test.each(["Hello", ""])("cuts an answer that has no end, and says so: %j", async (prompt) => {
    const { code, stdout, stderr } = await run(["generate", "-m", endless, prompt]);
    expect(code).toBe(0);
    expect(stdout).toBe(`${"abcdef ".repeat(74).slice(0, 512)}\n`);
    expect(stderr).toContain("(The answer was cut at 512 tokens. --max-new-tokens <n> allows more.)\n");
    const report = reportOf(await run(["generate", "-m", endless, "--json", "-n", "3", prompt]));
    expect(report).toMatchObject({ finishReason: "length", usage: { completionTokens: 3 } });
  });

  test("refuses an empty prompt where nothing is put around it", async () => {
    const { code, stdout, stderr } = await run(["generate", "-m", chain, "--raw", ""]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Expected text that is not empty");
  });

  test("ends at Ctrl-C with what there is and exit code 130", async () => {
    const child = start(["generate", "-m", endless, ...NO_LIMIT, "--stats", "Hello"]);
    child.stdout?.once("data", () => child.kill("SIGINT"));
    const { code, stdout, stderr } = await outcomeOf(child);
    expect(code).toBe(130);
    const counted = /^ {2}Answer +([\d,]+) tokens?, interrupted \(abort\)$/m.exec(stderr)?.[1] ?? "";
    const tokens = Number(counted.replaceAll(",", ""));
    expect(tokens).toBeGreaterThan(0);
    // Each token is one letter: what was printed is what was counted.
    expect(stdout).toBe(`${"abcdef ".repeat(tokens).slice(0, tokens)}\n`);
    expect(stderr).not.toContain("Inference uses");
  });

  test("ends quietly when nobody reads the answer any more", async () => {
    const child = start(["generate", "-m", endless, ...NO_LIMIT, "Hello"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { code, stderr } = await outcomeOf(child);
    expect(code).toBe(0);
    expect(stderr).not.toContain("openvino-llm:");
  });
});

describe("errors", () => {
  test("are one line with a code on stderr, and exit code 1", async () => {
    const { code, stdout, stderr } = await run(["generate", "-m", "./no-such-model", "Hello"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^openvino-llm: Expected a model .*no-such-model.* \[ERR_MODEL_NOT_FOUND\]\n$/);
  });

  test("have a stack with OPENVINO_LLM_DEBUG=1", async () => {
    const { stderr } = await run(["generate", "-m", "./no-such-model", "Hello"], {
      env: { OPENVINO_LLM_DEBUG: "1" },
    });
    expect(stderr).toContain("    at ");
  });

  test.each([
    { args: ["generate", "--no-such-option", "Hello"], says: "unknown option '--no-such-option'" },
    { args: ["generate", "--temperature", "warm", "Hello"], says: "Expected a number" },
    { args: ["generate", "--top-p", "1.5", "Hello"], says: "for --top-p but received 1.5" },
    { args: ["generate", "one", "two"], says: "too many arguments" },
    { args: ["no-such-command"], says: "unknown command 'no-such-command'" },
    { args: [], says: "Usage: openvino-llm" },
  ])("in the use of the command exit with 2: $args", async ({ args, says }) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
  });
});

test("--version prints the package's version, --help what there is", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(await run(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  const help = await run(["generate", "--help"]);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain("--max-new-tokens");
});

describe("doctor", () => {
  test("reports builds, libraries, processor and what inference uses, as JSON", async () => {
    const report = reportOf(await run(["doctor", "--json"])) as DoctorReport;
    expect({ ok: report.ok, schema: report.schema }).toEqual({ ok: true, schema: 1 });
    expect(report.checks.filter(({ status }) => status === "fail")).toEqual([]);
    expect(report.versions.node).toBe(process.versions.node);
    expect(report.versions.openvino).toContain(EXPECTED_BUILDS.openvino);
    expect(report.versions.genai).toBe(EXPECTED_BUILDS.genai);
    // The library holds no version: this fails when the pinned wheel changes and the checksum in the doctor does not.
    expect(RUNTIME_WHEELS.tokenizers.requirement).toBe(`openvino-tokenizers==${report.versions.tokenizers}`);
    expect(report.versions.oneDnn).toMatch(/^\d+\.\d+/);
    expect(report.runtime?.loaded.length).toBe((report.runtime?.libraries.length ?? 0) + 1);
    expect(
      [...(report.runtime?.loaded ?? []), report.addon?.path].filter((path) => !existsSync(path ?? "")),
    ).toEqual([]);
    expect(report.devices.map(({ name }) => name)).toContain("CPU");
    expect(report.cpu.availableThreads).toBeGreaterThan(0);
    expect(report.memory.totalBytes).toBeGreaterThan(1e8);
  });

  test("finds an instruction set that the processor has", async () => {
    const { inference, cpu } = reportOf(await run(["doctor", "--json"])) as DoctorReport;
    const kernels = inference?.ok === true ? inference.kernels : null;
    if (kernels === null || !kernels.ok || kernels.instructionSet === null) {
      expect.fail(`no instruction set: ${JSON.stringify(inference)}`);
    }
    expect(canRun(kernels.instructionSet, cpu.flags)).toBe(true);
    expect(kernels.oneDnnKernels.length).toBeGreaterThan(0);
    expect(kernels.activationTypes).not.toEqual([]);
    // A processor with AVX-512 is not left at AVX2.
    if (cpu.flags.avx512vnni) {
      expect(rankOf(kernels.instructionSet)).toBeGreaterThanOrEqual(rankOf("avx512_core"));
    }
  });

  test("reports by phase which kernels run the weight layers of a tiny model and of the default one", async () => {
    // The cache with the default model.
    const env = { OPENVINO_LLM_CACHE: cacheDir() };
    const { inference, defaultModel } = reportOf(await run(["doctor", "--json"], { env })) as DoctorReport;
    expect(defaultModel?.name).toBe("smollm2-135m-instruct");
    for (const kernels of [inference?.ok === true ? inference.kernels : null, defaultModel?.kernels]) {
      if (kernels?.ok !== true) expect.fail(`not profiled: ${JSON.stringify(kernels)}`);
      const { prefill, decode, batchDecode } = kernels.weightLayers;
      expect([prefill.tokens, decode.tokens, batchDecode?.tokens]).toEqual([128, 1, 8]);
      for (const layers of [prefill, decode, batchDecode]) {
        expect(layers?.kernels.length).toBeGreaterThan(0);
      }
      // Where oneDNN takes AMX at all, a prompt has enough tokens for it.
      expect(prefill.amx).toBe(kernels.instructionSet?.includes("amx") === true ? "yes" : "no");
    }
  });

  test("asks the processor itself, which has at least what Linux lists", async () => {
    const { cpu } = reportOf(await run(["doctor", "--json"])) as DoctorReport;
    expect(cpu.flagsFrom).toBe("cpuid");
    const listed = flagsFromKernel(parseCpuInfo(readFileSync("/proc/cpuinfo", "utf8")).flags);
    const names = Object.keys(listed).filter((name) => name !== "amxPermitted") as (keyof typeof listed)[];
    expect(names.filter((name) => listed[name] === true && cpu.flags[name] !== true)).toEqual([]);
  });

  test("leaves nothing behind, neither in the cache nor among temporary files", async () => {
    const [cache, temporary] = [temporaryFolder(), temporaryFolder()];
    rmSync(cache, { recursive: true });
    const { code } = await run(["doctor"], { env: { OPENVINO_LLM_CACHE: cache, TMPDIR: temporary } });
    expect(code).toBe(0);
    expect(existsSync(cache)).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("without a runtime says how to get one, reports the rest, and exits with 1", async () => {
    const empty = temporaryFolder();
    const env = { OPENVINO_LLM_RUNTIME: empty };
    const report = reportOf(await run(["doctor", "--json"], { env }), 1) as DoctorReport;
    expect({ ok: report.ok, runtime: report.runtime }).toEqual({ ok: false, runtime: null });
    expect(report.checks.find(({ name }) => name === "runtime")).toMatchObject({
      status: "fail",
      message: expect.stringContaining(empty) as string,
      cure: "correct or unset OPENVINO_LLM_RUNTIME",
    });
    expect(report.cpu.flagsFrom).toBe("/proc/cpuinfo");
    expect(report.inference).toBeNull();

    const text = await run(["doctor"], { env });
    expect(text.code).toBe(1);
    expect(text.stdout).toMatch(
      /^ {2}fail {2}runtime .*\n(.*\n)*? +→ correct or unset OPENVINO_LLM_RUNTIME$/m,
    );
  });

  test("without a runtime in the cache names the command that fetches it", async () => {
    const env = { OPENVINO_LLM_RUNTIME: "", OPENVINO_LLM_CACHE: join(temporaryFolder(), "none") };
    const report = reportOf(await run(["doctor", "--json"], { env }), 1) as DoctorReport;
    expect(report.checks.find(({ name }) => name === "runtime")).toMatchObject({
      status: "fail",
      cure: "npx openvino-llm runtime fetch",
    });
  });

  /** A copy of the runtime of links, with the manifest of what is linked, and one file of it spoiled. */
  async function spoiledRuntime(
    library: string,
    spoil: (file: string, sizeBytes: number) => void,
  ): Promise<string> {
    const { dir, layout } = locateRuntime();
    const entry = temporaryFolder();
    mkdirSync(join(entry, "lib"));
    for (const { name, sitePackages } of RUNTIME_LIBRARIES) {
      symlinkSync(join(dir, layout === "flat" ? "" : sitePackages, name), join(entry, "lib", name));
    }
    const paths = RUNTIME_LIBRARIES.map(({ name }) => `lib/${name}`);
    await writeManifest(entry, RUNTIME_VERSION, Object.values(RUNTIME_WHEELS), paths);
    const damaged = join(entry, "lib", library);
    const { size } = statSync(damaged);
    rmSync(damaged);
    spoil(damaged, size);
    return join(entry, "lib");
  }

  test("does not open a runtime of which a file was cut off, and says so", async () => {
    const lib = await spoiledRuntime("libtbb.so.12", (file) => writeFileSync(file, "cut off"));
    const report = reportOf(
      await run(["doctor", "--json"], { env: { OPENVINO_LLM_RUNTIME: lib } }),
      1,
    ) as DoctorReport;
    expect(report.checks.find(({ name }) => name === "runtime")).toMatchObject({
      status: "fail",
      message: expect.stringContaining("libtbb.so.12 has 7 bytes") as string,
    });
    expect(report.runtime?.loaded).toEqual([]);
  });

  test("does not open one of which a file has other content at the same size", async () => {
    const lib = await spoiledRuntime("libopenvino_intel_cpu_plugin.so", (file, sizeBytes) => {
      writeFileSync(file, "");
      truncateSync(file, sizeBytes);
    });
    const report = reportOf(
      await run(["doctor", "--json"], { env: { OPENVINO_LLM_RUNTIME: lib } }),
      1,
    ) as DoctorReport;
    expect(report.checks.find(({ name }) => name === "runtime")).toMatchObject({
      status: "fail",
      message: expect.stringContaining(
        "lib/libopenvino_intel_cpu_plugin.so has another sha256 than expected",
      ) as string,
      cure: "correct or unset OPENVINO_LLM_RUNTIME",
    });
    expect(report.runtime?.loaded).toEqual([]);
  });
});
