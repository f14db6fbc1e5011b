import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { openBinding } from "../../lib/native/binding.js";
import { cross, WHOLE_ROW } from "../../scripts/engine-matrix/cases.mjs";
import { GEOMETRY, type Geometry } from "../../scripts/engine-matrix/llama.mjs";
import { runMatrix, type MatrixCase } from "../../scripts/engine-matrix/matrix.mjs";
import { temporaryFolder } from "../helpers/chain.js";

const { amxBf16, amxPermitted, avx512fp16 } = openBinding().core.cpuFeatures();
const hasAmx = amxBf16 && amxPermitted && process.env["ONEDNN_MAX_CPU_ISA"] === undefined;
/** On one CPU the first of the faults below is everywhere. */
const isRightByDefault = !hasAmx || availableParallelism() > 1;
const isSanitized = process.env["OPENVINO_LLM_SANITIZE"] !== undefined;

const root = temporaryFolder();

const llama = (format: string, geometry: Partial<Geometry> = {}, ...variants: string[]) => ({
  base: { ...GEOMETRY, ...geometry },
  format,
  variants,
});

/** "model | setting: verdict", and what it is where a process ends or an error comes. */
async function verdicts(cases: MatrixCase[]): Promise<string[]> {
  const results = await runMatrix(cases, root);
  return results.map(({ model, setting, verdict, what }) => {
    const outcome = verdict === "right" ? verdict : `${verdict} ${what}`;
    return `${model.replace(/^llama-/, "")} | ${setting}: ${outcome}`;
  });
}

describe("the engine on tiny models", () => {
  it.skipIf(!isRightByDefault)(
    "is right for every kind of weights by default, in both graphs and in both pipelines",
    async () => {
      const models = [llama("f16"), llama("i8:row"), llama("u4:32"), { base: "tiny-gpt-oss", format: "" }];
      const found = await verdicts([
        ...cross("default", models, [{}], ["paged", "stateful"]),
        ...cross("default", models.slice(0, 2), [{}], ["llm", "batching"]),
      ]);
      expect(found).toHaveLength(12);
      expect(found.filter((one) => !one.endsWith(": right"))).toEqual([]);
    },
  );

  it("is right in f32 on one thread, with any group of dynamic quantisation, and with small layers", async () => {
    const found = await verdicts(
      cross(
        "f32",
        [llama("f16", { intermediate: 32 }), llama("i8:row", { intermediate: 32 })],
        [
          { hint: "f32", threads: "1" },
          { hint: "f32", group: WHOLE_ROW },
        ],
        ["paged"],
      ),
    );
    expect(found).toHaveLength(4);
    expect(found.filter((one) => !one.endsWith(": right"))).toEqual([]);
  });

  it("says of a cache whose type does not go with the precision that it does not", async () => {
    const [found] = await verdicts(cross("cache", [llama("f16")], [{ hint: "f32", kv: "bf16" }], ["paged"]));
    expect(found).toMatch(/: error expect kvcache type f32, current: bf16/);
  });
});

describe.skipIf(isSanitized)("faults of the engine that the library keeps from its users", () => {
  it.skipIf(!hasAmx || !isRightByDefault)(
    "AMX: 16-bit weights on one thread end the process, and so does a small MLP",
    async () => {
      const found = await verdicts([
        ...cross("one thread", [llama("f16")], [{ threads: "1" }, { cpus: "0" }], ["paged"]),
        ...cross("small", [llama("f16", { intermediate: 32 })], [{}], ["paged"]),
        ...cross("one thread", [llama("i8:row")], [{ threads: "1" }], ["paged"]),
        ...cross("one thread", [llama("i8:row")], [{ threads: "1", group: WHOLE_ROW }], ["paged"]),
      ]);
      expect(found.map((one) => one.split(": ").at(-1))).toEqual([
        "crash SIGFPE",
        "crash SIGFPE",
        "crash SIGSEGV",
        "right",
        "crash SIGFPE",
      ]);
    },
  );

  it.skipIf(!avx512fp16)("AVX512-FP16: f16 is wrong where a prompt has two tokens or more", async () => {
    const found = await verdicts(
      cross(
        "f16",
        [llama("f16")],
        [
          { hint: "f16", prompt: 1 },
          { hint: "f16", prompt: 2 },
        ],
        ["paged"],
      ),
    );
    expect(found[0]).toMatch(/prompt of 1: right/);
    expect(found[1]).toMatch(/prompt of 2: (wrong|not finite)/);
  });
});
