import { describe, expect, it } from "vitest";
import {
  isWorthTrying,
  judgeFailure,
  settingsToTry,
  type EngineFailure,
  type RunOutcome,
} from "../../../lib/doctor/engine-failure.js";
import { flagsFromKernel } from "../../../lib/host/kernels/instruction-sets.js";

const FETCH = "npx openvino-llm runtime fetch";
const REPORT = "none of the settings tried helps: report it with what npx openvino-llm doctor --json prints";
const F32 =
  'load() with { properties: { INFERENCE_PRECISION_HINT: "f32" } }, in commands --property INFERENCE_PRECISION_HINT=f32';
const NO_AMX = "set ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16 before the process starts";

const RUNS: RunOutcome = { ok: true };
const CRASH = { ok: false, signal: "SIGSEGV", message: "A child process ended with SIGSEGV" } as const;
const OTHER_CRASH = { ok: false, signal: "SIGFPE", message: "A child process ended with SIGFPE" } as const;
const ERROR = { ok: false, signal: null, message: "no such primitive" } as const;
const KILLED = {
  ok: false,
  signal: "SIGKILL",
  message: "was killed, after 60 s or for want of memory",
} as const;

type Tries = Partial<Record<"f32" | "no-amx" | "no-isa-limit", RunOutcome>>;

function judge(
  outcome: EngineFailure["outcome"],
  tries: Tries,
  damagedFiles: readonly string[] | null = null,
) {
  const tried = Object.entries(tries).map(([setting, other]) => ({
    setting: setting as "f32",
    outcome: other,
  }));
  return judgeFailure({ outcome, tries: tried, damagedFiles }, FETCH);
}

describe("a failure of the engine", () => {
  it("is reported by its signal, with what works and what to set", () => {
    expect(judge(CRASH, { f32: RUNS, "no-amx": RUNS })).toEqual({
      message: "A tiny model ended with SIGSEGV (default settings); in f32 it runs, with AMX off it runs",
      cure: `${F32}; or ${NO_AMX}`,
    });
  });

  // Every way that the first run can end, with every pair of outcomes of the two settings, and every state of the files.
  const FIRST = [CRASH, ERROR] as const;
  const OUTCOMES = [RUNS, CRASH, OTHER_CRASH, ERROR, undefined] as const;
  const FILES = [null, [], ["lib/libtbb.so.12 has another sha256 than expected"]] as const;
  const cases = FIRST.flatMap((first) =>
    OUTCOMES.flatMap((f32) => OUTCOMES.flatMap((amx) => FILES.map((files) => ({ first, f32, amx, files })))),
  );

  it.each(cases)("has one cure for $first.signal, $f32, $amx, $files", ({ first, f32, amx, files }) => {
    const { message, cure } = judge(first, { ...(f32 && { f32 }), ...(amx && { "no-amx": amx }) }, files);
    const working = [...(f32?.ok ? [F32] : []), ...(amx?.ok ? [NO_AMX] : [])];
    // The runtime is fetched anew for a file that differs, and for nothing else.
    const last = files !== null && files.length > 0 ? FETCH : REPORT;
    expect(cure).toBe(working.length > 0 ? working.join("; or ") : last);
    expect(message).toContain(first.signal ?? first.message);
    expect(message.includes("in f32 it runs")).toBe(f32?.ok === true);
    expect(message.includes("with AMX off it runs")).toBe(amx?.ok === true);
    expect(message.includes("in f32")).toBe(f32 !== undefined);
    expect(message.includes("with AMX off")).toBe(amx !== undefined);
    expect(message.includes("are damaged: lib/libtbb")).toBe((files ?? []).length > 0);
    expect(message.includes("as they should be")).toBe(files !== null && files.length === 0);
  });

  it("says once what is the same", () => {
    expect(judge(CRASH, { f32: CRASH, "no-amx": OTHER_CRASH }, []).message).toBe(
      "A tiny model ended with SIGSEGV (default settings); in f32 it ends in the same way, " +
        "with AMX off it ended with SIGFPE; the runtime's files are as they should be",
    );
    expect(judge(ERROR, { f32: ERROR, "no-isa-limit": RUNS })).toEqual({
      message:
        "A tiny model did not run: no such primitive (default settings); in f32 it ends in the same way, " +
        "without the limit of ONEDNN_MAX_CPU_ISA it runs",
      cure: "unset ONEDNN_MAX_CPU_ISA",
    });
  });

  it("that is a kill from outside is none of the engine", () => {
    expect(isWorthTrying(KILLED)).toBe(false);
    expect(isWorthTrying(CRASH)).toBe(true);
    expect(judge(KILLED, {})).toEqual({
      message: `A tiny model did not run: ${KILLED.message} (default settings)`,
      cure: "free memory, or run it again when the machine has less to do",
    });
  });
});

describe("settingsToTry", () => {
  const amx = { ...flagsFromKernel(new Set(["avx2", "avx512bw", "amx_tile"])), amxPermitted: true };
  const none = flagsFromKernel(new Set(["avx2"]));
  const names = (...args: Parameters<typeof settingsToTry>) => settingsToTry(...args).map(({ name }) => name);

  it("are f32, and AMX off where there is AMX that may be used", () => {
    expect(names(amx, null)).toEqual(["f32", "no-amx"]);
    expect(names({ ...amx, amxPermitted: false }, null)).toEqual(["f32"]);
    expect(names(none, null)).toEqual(["f32"]);
  });

  it("have the limit of the environment lifted, below which AMX is off already", () => {
    expect(names(amx, "AVX2")).toEqual(["f32", "no-isa-limit"]);
    expect(names(amx, "AVX512_CORE_AMX")).toEqual(["f32", "no-amx", "no-isa-limit"]);
  });

  it("change properties and environment of the run", () => {
    expect(settingsToTry(amx, "AVX512_CORE_AMX").map(({ properties, env }) => [properties, env])).toEqual([
      [{ INFERENCE_PRECISION_HINT: "f32" }, {}],
      [{}, { ONEDNN_MAX_CPU_ISA: "AVX512_CORE_BF16", DNNL_MAX_CPU_ISA: "AVX512_CORE_BF16" }],
      [{}, { ONEDNN_MAX_CPU_ISA: undefined, DNNL_MAX_CPU_ISA: undefined }],
    ]);
  });
});
