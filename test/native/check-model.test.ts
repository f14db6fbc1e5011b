import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { checkModel, type ModelCheck } from "../../lib/doctor/index.js";
import { CHAIN_CONTEXT_LENGTH } from "../../lib/models/gguf/chain-model.js";
import { chainModel, temporaryFolder } from "../helpers/chain.js";
import { leaveSignalsToTheSystem } from "../helpers/crashes.js";
import { given, needs } from "../helpers/needs.js";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const DEFAULT_MODEL = "smollm2-135m-instruct";

leaveSignalsToTheSystem();

let chain: string;
beforeAll(async () => {
  chain = await chainModel();
});

describe("checkModel", () => {
  it("finds the default model right with default properties, and reports speed and kernels", async () => {
    const check = await checkModel(DEFAULT_MODEL);
    expect(check).toMatchObject({
      ok: true,
      verdict: "right",
      model: DEFAULT_MODEL,
      refusal: null,
      tokens: { prompt: 64, decode: 16, sequences: 8 },
      properties: { asked: {}, corrections: [] },
      comparison: { isFinite: true, rows: 88 },
      kernels: { ok: true },
    });
    expect(check.comparison?.clearRows).toBeGreaterThan(8);
    for (const rate of Object.values(check.speed ?? {})) expect(rate).toBeGreaterThan(0);
    expect(Object.keys(check.speed ?? {})).toHaveLength(3);
  });

  it("finds exact arithmetic equal to itself", async () => {
    const properties = {
      INFERENCE_PRECISION_HINT: "f32",
      KV_CACHE_PRECISION: "f32",
      DYNAMIC_QUANTIZATION_GROUP_SIZE: 0,
    };
    const { ok, comparison } = await checkModel(chain, { properties });
    expect(ok).toBe(true);
    expect(comparison).toMatchObject({ relativeError: 0, sameRows: 88, clearRows: 88, agreeingRows: 88 });
  });

  it("finds f16 wrong where attention answers nonsense in it", given(needs.avx512fp16), async () => {
    const properties = { INFERENCE_PRECISION_HINT: "f16" };
    expect(await checkModel(DEFAULT_MODEL, { properties })).toMatchObject({
      ok: false,
      verdict: "wrong",
      properties: null,
      refusal: expect.stringMatching(/wrong answers in f16/) as string,
    });
  });

  it("reports the signal of a crash, and lives", given(needs.amx), async () => {
    const properties = { INFERENCE_PRECISION_HINT: "bf16", INFERENCE_NUM_THREADS: 1 };
    expect(await checkModel(chain, { properties })).toMatchObject({
      ok: false,
      verdict: "crashed",
      message: "It ends the process with SIGFPE.",
      refusal: expect.stringMatching(/SIGFPE/) as string,
      speed: null,
      kernels: null,
    });
  });

  it("runs what load() corrects as load() corrects it", given(needs.amx), async () => {
    const check = await checkModel(chain, { properties: { INFERENCE_NUM_THREADS: 1 } });
    expect(check).toMatchObject({
      ok: true,
      properties: { corrections: [{ name: "INFERENCE_PRECISION_HINT", to: "f32" }] },
    });
  });

  it("says what the engine says of properties that it does not take", async () => {
    expect(await checkModel(chain, { properties: { NO_SUCH: 1 } })).toMatchObject({
      ok: false,
      verdict: "failed",
      message: expect.stringContaining("NO_SUCH") as string,
    });
  });

  it("reads no more than the context holds", async () => {
    const contextLength = 20;
    expect(contextLength).toBeLessThan(CHAIN_CONTEXT_LENGTH);
    const { ok, tokens } = await checkModel(await chainModel({ contextLength }));
    expect({ ok, tokens }).toEqual({ ok: true, tokens: { prompt: 3, decode: 16, sequences: 8 } });
  });

  it("refuses what is no model, and bad properties", async () => {
    await expect(checkModel(temporaryFolder())).rejects.toMatchObject({ code: /ERR_MODEL/ });
    await expect(checkModel("no-such-model")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
    await expect(
      checkModel(chain, { properties: { INFERENCE_NUM_THREADS: Number.NaN } }),
    ).rejects.toBeInstanceOf(RangeError);
  });

  it("ends by a signal", async () => {
    await expect(checkModel(chain, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ERR_ABORTED",
    });
  });
});

describe("doctor --model", () => {
  const run = promisify(execFile);
  const doctor = (...args: string[]) =>
    run(process.execPath, [MAIN, "doctor", "--model", chain, ...args]).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );

  it("says in a sentence that a model is right", async () => {
    const { code, stdout } = await doctor("--property", "INFERENCE_PRECISION_HINT=f32");
    expect(code).toBe(0);
    expect(stdout).toMatch(/Verdict +It answers as in f32: 88 of 88 greedy tokens are the same/);
    expect(stdout).toMatch(/In force +INFERENCE_PRECISION_HINT=f32/);
    expect(stdout).toMatch(/tokens\/s of 8 sequences/);
    expect(stdout).toMatch(/prefill of 64 tokens|prefill of 128 tokens/);
  });

  it("exits with 1 for one that crashes, and says what load() says", given(needs.amx), async () => {
    const { code, stdout } = await doctor("--property", "INFERENCE_PRECISION_HINT=bf16", "--threads", "1");
    expect(code).toBe(1);
    expect(stdout).toMatch(/Verdict +It ends the process with SIGFPE\./);
    expect(stdout).toMatch(/load\(\) +refuses this: .*Set INFERENCE_PRECISION_HINT to "f32"/s);
  });

  it("prints the check as JSON", async () => {
    const { code, stdout } = await doctor("--json");
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as ModelCheck).verdict).toBe("right");
  });

  it("takes properties beside a model only", async () => {
    const wrong = run(process.execPath, [MAIN, "doctor", "--property", "A=B"]);
    await expect(wrong).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--model/) as string,
    });
  });
});
