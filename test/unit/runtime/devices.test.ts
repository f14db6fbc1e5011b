import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { deviceForOpenVino, devicesOf } from "../../../lib/runtime/devices.js";
import { RUNTIME_VERSION, SONAME_SUFFIX } from "../../../lib/runtime/pins.js";

const PLUGINS = {
  cpu: "libopenvino_intel_cpu_plugin.so",
  gpu: "libopenvino_intel_gpu_plugin.so",
  npu: "libopenvino_intel_npu_plugin.so",
  auto: "libopenvino_auto_plugin.so",
  batch: "libopenvino_auto_batch_plugin.so",
  hetero: "libopenvino_hetero_plugin.so",
} as const;

type Runtime = Parameters<typeof deviceForOpenVino>[2];
let folder: string;
/** As `runtime fetch` makes it; as the wheels are; with a GPU and without an NPU; without a virtual device. */
let [fetched, whole, gpu, bare]: Runtime[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "openvino-llm-devices-"));
  fetched = runtimeOf("cpu", "auto", "batch", "hetero");
  whole = runtimeOf("cpu", "gpu", "npu", "auto", "batch", "hetero");
  gpu = runtimeOf("cpu", "gpu", "auto", "batch", "hetero");
  bare = runtimeOf("cpu");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runtimeOf(...plugins: ReadonlyArray<keyof typeof PLUGINS>): Runtime {
  const dir = mkdtempSync(join(folder, "runtime-"));
  for (const plugin of plugins) writeFileSync(join(dir, PLUGINS[plugin]), "");
  return {
    dir,
    libraries: [
      "libtbb.so.12",
      `libopenvino.so.${SONAME_SUFFIX}`,
      `libopenvino_genai.so.${SONAME_SUFFIX}`,
    ].map((name) => join(dir, name)),
  };
}

const given = (
  device: string,
  properties: Record<string, string> = {},
  runtime: Runtime | undefined = fetched,
): string => deviceForOpenVino(device, Object.entries(properties), runtime as Runtime);

describe("devices of a runtime", () => {
  it("are those whose plugins lie in it", () => {
    expect(devicesOf(fetched as Runtime)).toEqual({
      hardware: ["CPU"],
      virtual: ["AUTO", "BATCH", "HETERO", "MULTI"],
      isComplete: false,
    });
    expect(devicesOf(whole as Runtime)).toMatchObject({
      hardware: ["CPU", "GPU", "NPU"],
      isComplete: true,
    });
    expect(devicesOf(bare as Runtime)).toEqual({ hardware: ["CPU"], virtual: [], isComplete: false });
  });

  it("or in OpenVINO's own folder for plugins", () => {
    const runtime = runtimeOf("cpu");
    mkdirSync(join(runtime.dir, `openvino-${RUNTIME_VERSION}`));
    writeFileSync(join(runtime.dir, `openvino-${RUNTIME_VERSION}`, PLUGINS.gpu), "");
    expect(devicesOf(runtime).hardware).toEqual(["CPU", "GPU"]);
  });
});

test.each([
  "CPU",
  "CPU.0",
  "AUTO:CPU",
  "MULTI:CPU",
  "HETERO:CPU",
  "BATCH:CPU",
  "BATCH:CPU(4)",
  "AUTO:CPU,CPU.0",
])("%s stays as it is", (device) => expect(given(device)).toBe(device));

test("AUTO without a list gets the one device that computes", () => {
  expect(given("AUTO")).toBe("AUTO:CPU");
  expect(given("AUTO", { MULTI_DEVICE_PRIORITIES: "CPU" })).toBe("AUTO");
  expect(() => given("AUTO", {}, gpu)).toThrow(/names no devices/);
  expect(given("AUTO:GPU.0,CPU", {}, gpu)).toBe("AUTO:GPU.0,CPU");
});

test.each<[device: string, properties?: Record<string, string>]>([
  ["GPU"],
  ["NPU"],
  ["GPU.0"],
  ["-GPU"],
  ["-AUTO"],
  ["XPU"],
  ["cpu"],
  [""],
  ["CPU,GPU"],
  ["CPU:GPU"],
  ["MULTI"],
  ["HETERO"],
  ["BATCH"],
  ["AUTO:"],
  ["AUTO:,"],
  ["AUTO:-GPU"],
  ["AUTO:CPU,-GPU"],
  ["AUTO:GPU,CPU"],
  ["MULTI:CPU,NPU"],
  ["HETERO:AUTO:CPU"],
  ["BATCH:AUTO(4)"],
  ["BATCH:GPU(4)"],
  ["AUTO", { MULTI_DEVICE_PRIORITIES: "GPU" }],
  ["AUTO", { MULTI_DEVICE_PRIORITIES: "" }],
  ["AUTO:CPU", { MULTI_DEVICE_PRIORITIES: "CPU,NPU" }],
  ["AUTO", { DEVICE_PROPERTIES: "{AUTO:{MULTI_DEVICE_PRIORITIES:GPU}}" }],
  ["HETERO:CPU", { DEVICE_PROPERTIES_HETERO: "{MULTI_DEVICE_PRIORITIES:GPU}" }],
])("%s %o is refused with what there is", (device, properties = {}) => {
  expect(() => given(device, properties)).toThrow(
    expect.objectContaining({
      code: "ERR_DEVICE",
      message: expect.stringContaining("(CPU, AUTO:CPU, BATCH:CPU, HETERO:CPU, MULTI:CPU)"),
    }),
  );
});

test("a whole runtime takes every name: OpenVINO finds all of its plugins there", () => {
  for (const device of ["GPU", "AUTO", "AUTO:-GPU", "MULTI:GPU,CPU", "HETERO:AUTO:CPU", "XPU"]) {
    expect(given(device, {}, whole)).toBe(device);
  }
});

test("whatever is let through names the CPU, and virtual devices never without a list", () => {
  const pieces = [
    "CPU",
    "GPU",
    "NPU",
    "AUTO",
    "MULTI",
    "HETERO",
    "BATCH",
    ":",
    ",",
    "-",
    ".0",
    "(4)",
    " ",
    "",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 6 }), (parts) => {
      let device: string;
      try {
        device = given(parts.join(""));
      } catch {
        return;
      }
      const [first = "", ...listed] = device.split(/[:,]/);
      const [alone, inList] = [/^CPU(\.0)*$/, /^CPU(\.0)*(\(4\))?$/];
      if (alone.test(first)) expect(listed).toEqual([]);
      else expect(device).toMatch(/^(AUTO|MULTI|HETERO|BATCH):CPU/);
      for (const name of listed) expect(name).toMatch(inList);
    }),
    { numRuns: 2000 },
  );
});
