import { beforeEach, describe, expect, test, vi } from "vitest";
import { probeInference, type InferenceProbe, type ProbeOptions } from "../../lib/doctor/inference-probe.js";
import { flagsFromKernel } from "../../lib/host/kernels/instruction-sets.js";
import { profileModel, type ProfileOptions } from "../../lib/host/kernels/profile-model.js";
import { openModel } from "../../lib/models/open.js";
import { chainModelOfSize } from "../helpers/chain.js";
import { leaveSignalsToTheSystem } from "../helpers/crashes.js";
import { given, needs } from "../helpers/needs.js";

const AMX = { ...flagsFromKernel(new Set(["avx2", "avx512bw", "amx_tile"])), amxPermitted: true };

leaveSignalsToTheSystem();

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

test("a model that would crash on AMX is profiled as load() would run it", given(needs.amx), async () => {
  const { dir: path } = await openModel(await chainModelOfSize(32));
  const profile = (changes: Partial<ProfileOptions>) => profileModel({ path, sequences: 1, ...changes });
  expect(await profile({ properties: { INFERENCE_PRECISION_HINT: "bf16" } })).toEqual({
    ok: false,
    message: expect.stringMatching(/^Not profiled: .*SIGSEGV/) as string,
  });
  expect(await profile({})).toMatchObject({ ok: true, inForce: { inferencePrecision: "f32" } });
});
