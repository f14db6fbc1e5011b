import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { openBinding } from "../../lib/binding.js";
import { probeInference, type InferenceProbe, type ProbeOptions } from "../../lib/doctor/inference-probe.js";
import { canRun, flagsFromKernel } from "../../lib/kernels/instruction-sets.js";
import { profileModel, type ProfileOptions } from "../../lib/kernels/profile-model.js";
import { chainModelContent } from "../../lib/models/chain-model.js";
import { writeGguf } from "../../lib/models/gguf-writer.js";
import { openModel } from "../../lib/models/open.js";
import { temporaryFolder } from "../helpers/chain.js";

const AMX = { ...flagsFromKernel(new Set(["avx2", "avx512bw", "amx_tile"])), amxPermitted: true };

beforeEach(() => {
  // Under AddressSanitizer, which else makes a report of each crash and ends the process by another signal.
  vi.stubEnv("ASAN_OPTIONS", `${process.env["ASAN_OPTIONS"] ?? ""}:handle_segv=0:handle_sigfpe=0`);
});

test("a tiny model runs, and its kernels are known by phase", async () => {
  const probe = await probeInference({ flags: AMX, damagedFiles: () => Promise.resolve([]) });
  expect(probe).toMatchObject({ ok: true, kernels: { ok: true, graph: "paged" } });
});

describe("a process that ends by a signal", () => {
  beforeEach(() => {
    vi.stubEnv("CRASH_SIGNAL", "SIGSEGV");
    vi.stubEnv("CRASH_RUNS_WITH", "");
  });

  const probe = (changes: Partial<ProbeOptions> = {}): Promise<InferenceProbe> =>
    probeInference({
      flags: AMX,
      damagedFiles: () => Promise.resolve([]),
      script: "../test/helpers/crash-child.mjs",
      ...changes,
    });

  test.each([
    ["f32,no-amx", true, true],
    ["f32", true, false],
    ["no-amx", false, true],
  ])("is run again in f32 and with AMX off, here with success of %s", async (runsWith, f32, noAmx) => {
    vi.stubEnv("CRASH_RUNS_WITH", runsWith);
    const compared = vi.fn<ProbeOptions["damagedFiles"]>(() => Promise.resolve(["lib/a differs"]));
    expect(await probe({ damagedFiles: compared })).toMatchObject({
      ok: false,
      failure: {
        outcome: { ok: false, signal: "SIGSEGV" },
        tries: [
          { setting: "f32", outcome: { ok: f32 } },
          { setting: "no-amx", outcome: { ok: noAmx } },
        ],
        damagedFiles: null,
      },
    });
    expect(compared).not.toHaveBeenCalled();
  });

  test("whatever is set has the runtime's files compared", async () => {
    vi.stubEnv("CRASH_SIGNAL", "SIGFPE");
    const damagedFiles = () => Promise.resolve(["lib/a differs"]);
    expect(await probe({ damagedFiles, flags: flagsFromKernel(new Set(["avx2"])) })).toMatchObject({
      ok: false,
      failure: {
        outcome: { signal: "SIGFPE" },
        tries: [{ setting: "f32", outcome: { ok: false, signal: "SIGFPE" } }],
        damagedFiles: ["lib/a differs"],
      },
    });
  });

  test("from outside is not run again", async () => {
    vi.stubEnv("CRASH_SIGNAL", "SIGKILL");
    expect(await probe()).toMatchObject({
      ok: false,
      failure: { outcome: { signal: "SIGKILL" }, tries: [], damagedFiles: null },
    });
  });
});

test("a crash of the engine on AMX is one in bf16 alone, and none without AMX", async ({ skip }) => {
  if (!canRun("avx10_1_512_amx", openBinding().core.cpuFeatures())) skip("this processor has no AMX");
  const path = await modelThatCrashesOnAmx();
  const profile = (changes: Partial<ProfileOptions>) => profileModel({ path, sequences: 1, ...changes });
  expect(await profile({ properties: { INFERENCE_PRECISION_HINT: "bf16" } })).toEqual({
    ok: false,
    message: "Not profiled: A child process that runs a model ended with SIGSEGV",
  });
  expect(await profile({ properties: { INFERENCE_PRECISION_HINT: "f32" } })).toMatchObject({ ok: true });
  expect(await profile({ isa: "AVX512_CORE_BF16" })).toMatchObject({ ok: true });
});

/** Its feed-forward layer of 32 is too small for two threads of OpenVINO's LLMMLP. */
async function modelThatCrashesOnAmx(): Promise<string> {
  const size = 32;
  const { metadata, tensors } = chainModelContent();
  const file = join(temporaryFolder(), "narrow.gguf");
  await writeGguf(file, {
    metadata: { ...metadata, "llama.feed_forward_length": { type: "uint32", value: size } },
    tensors: tensors.map((tensor) => {
      const [columns = 0, rows = 0] = tensor.shape;
      const shape = /ffn_(gate|up)\./.test(tensor.name)
        ? [columns, size]
        : /ffn_down\./.test(tensor.name)
          ? [size, rows]
          : null;
      if (shape === null) return tensor;
      return { ...tensor, shape, data: Buffer.alloc((shape[0] ?? 0) * (shape[1] ?? 0) * 2) };
    }),
  });
  return (await openModel(file)).dir;
}
