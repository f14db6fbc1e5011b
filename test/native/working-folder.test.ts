import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { cacheDir } from "../../lib/cache/cache.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { PLUGIN_FILES } from "../../lib/runtime/devices.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { chainModel, temporaryFolder } from "../helpers/chain.js";
import { given } from "../helpers/needs.js";
import { findOracle, oracleNeed } from "../helpers/oracle.js";
import { plantFolder, type PlantedFolder } from "../helpers/planted-folder.js";
import { runNode, type Ended } from "../helpers/run-node.js";

// What lies in the folder that a program is started in is no part of it: nothing of it runs, whatever is asked for.

const MODEL_TOOLS_PYTHON = fileURLToPath(
  new URL("../../packages/model-tools/dist/prepare/python.js", import.meta.url),
);
const dist = (path: string): string => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
const oracle = await findOracle();
let planted: PlantedFolder;
let model: string;
beforeAll(async () => {
  planted = await plantFolder(join(temporaryFolder(), "planted"));
  model = await chainModel();
});

async function start(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return runNode(args, { cwd: planted.dir, env: { ...planted.env, ...env } });
}

/** Runs a program with the package as `lib`; gives what it prints, as JSON. */
async function reportOf(program: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const text = `
    const { openBinding } = await import(${JSON.stringify(dist("native/binding.js"))});
    const lib = await import(${JSON.stringify(dist("index.js"))});
    const codeOf = (promise) => promise.then(async (value) => (await value.close(), "loaded"), (error) => error.code);
    const model = ${JSON.stringify(model)};
    ${program}
  `;
  const { code, stdout, stderr } = await start(["--no-warnings", "--input-type=module", "-e", text], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

const command = async (...args: string[]): Promise<Ended> => start([dist("cli/main.js"), ...args]);

test("the plugins that OpenVINO knows are those that the library knows", async () => {
  const openvino = locateRuntime().libraries.find((path) => path.includes("libopenvino.so")) ?? "";
  const names = (await readFile(openvino, "latin1")).match(/libopenvino_\w+_plugin\.so/g);
  expect(new Set(names)).toEqual(PLUGIN_FILES);
});

describe("what is planted would run", () => {
  test("were OpenVINO asked for a device that the runtime has no plugin for", async () => {
    const program = `console.log(JSON.stringify(await openBinding().core.listDevices(["GPU", "NPU"])));`;
    expect(await reportOf(program)).toEqual([]);
    expect(await planted.ran()).toEqual([
      "libopenvino_intel_gpu_plugin.so",
      "libopenvino_intel_npu_plugin.so",
    ]);
  });

  test("were a package looked for in the working folder, or a program", async () => {
    const program = `require("commander"); require("node:child_process").spawnSync("python3");`;
    expect(await start(["-e", program])).toMatchObject({ code: 0, stderr: "" });
    expect(await planted.ran()).toEqual(["commander", "program python3"]);
  });
});

describe("nothing of the working folder runs", () => {
  const DEVICES = {
    CPU: "loaded",
    AUTO: "loaded",
    "AUTO:CPU": "loaded",
    "MULTI:CPU": "loaded",
    "HETERO:CPU": "loaded",
    "BATCH:CPU": "loaded",
    GPU: "ERR_DEVICE",
    NPU: "ERR_DEVICE",
    "-GPU": "ERR_DEVICE",
    "AUTO:-GPU": "ERR_DEVICE",
    "AUTO:GPU,CPU": "ERR_DEVICE",
    "MULTI:CPU,NPU": "ERR_DEVICE",
    "HETERO:GPU,CPU": "ERR_DEVICE",
    "HETERO:AUTO:CPU": "ERR_DEVICE",
    "BATCH:GPU(4)": "ERR_DEVICE",
  };

  test("by a device of LLMPipeline", async () => {
    const program = `
      const codes = {};
      for (const device of ${JSON.stringify(Object.keys(DEVICES))})
        codes[device] = await codeOf(lib.LLMPipeline.load(model, { device }));
      console.log(JSON.stringify(codes));`;
    expect(await reportOf(program)).toEqual(DEVICES);
    expect(await planted.ran()).toEqual([]);
  });

  test("by a device of the other pipelines, of a draft model, or in a property", async () => {
    const program = `
      const { ContinuousBatchingPipeline, LLMPipeline, TextEmbeddingPipeline, TextRerankPipeline } = lib;
      const codes = [];
      for (const device of ["GPU", "AUTO:-NPU", "MULTI:GPU"]) {
        codes.push(await codeOf(ContinuousBatchingPipeline.load(model, { device })));
        codes.push(await codeOf(LLMPipeline.load(model, { draftModel: { model, device } })));
        codes.push(await codeOf(TextEmbeddingPipeline.load(model, { device })));
        codes.push(await codeOf(TextRerankPipeline.load(model, { device })));
      }
      for (const properties of [
        { MULTI_DEVICE_PRIORITIES: "GPU" },
        { MULTI_DEVICE_PRIORITIES: "-GPU" },
        { DEVICE_PROPERTIES: "{AUTO:{MULTI_DEVICE_PRIORITIES:GPU}}" },
      ])
        codes.push(await codeOf(LLMPipeline.load(model, { device: "AUTO", properties })));
      const auto = await ContinuousBatchingPipeline.load(model, { device: "AUTO" });
      const { text } = await auto.generate([{ role: "user", content: "a" }]);
      await auto.close();
      console.log(JSON.stringify({ codes: [...new Set(codes)], text }));`;
    expect(await reportOf(program)).toEqual({ codes: ["ERR_DEVICE"], text: CHAIN_TEXT });
    expect(await planted.ran()).toEqual([]);
  });

  test("by the doctor", async () => {
    const { stdout } = await command("doctor", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ devices: [{ name: "CPU" }], inference: { ok: true } });
    const { stdout: ofModel } = await command("doctor", "--json", "--model", model);
    expect(JSON.parse(ofModel)).toMatchObject({ verdict: expect.any(String) });
    expect(await planted.ran()).toEqual([]);
  });

  test("by the other commands, those that start Python among them", async () => {
    const own = temporaryFolder();
    await mkdir(join(own, "models"));
    await symlink(join(cacheDir(), "downloads"), join(own, "downloads"));
    const env = { OPENVINO_LLM_CACHE: own };
    const main = dist("cli/main.js");
    for (const args of [
      ["runtime", "fetch"],
      ["runtime", "path"],
      ["models", "list"],
      ["models", "inspect", "--html", join(own, "page.html"), model],
      ["generate", "--model", model, "--max-new-tokens", "4", "a"],
    ]) {
      const { code, stderr } = await start([main, ...args], env);
      expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
      expect({ args, ran: await planted.ran() }).toEqual({ args, ran: [] });
    }
  });

  test("by a search for the Python of models prepare", async () => {
    const script = JSON.stringify(MODEL_TOOLS_PYTHON);
    const program = `
      const { findExporterPython } = await import(${script});
      console.log(JSON.stringify(await findExporterPython().then(() => "found", (error) => error.code)));`;
    expect(["found", "ERR_DOWNLOAD"]).toContain(await reportOf(program));
    expect(await planted.ran()).toEqual([]);
  });
});

test(
  "the wheels' folder has all plugins, so every device is asked for there and none is looked for elsewhere",
  given(oracleNeed(oracle)),
  async () => {
    const env = { OPENVINO_LLM_RUNTIME: "site" in oracle ? oracle.site : "" };
    const program = `
      const devices = (await openBinding().core.listDevices(["CPU", "GPU", "NPU"])).map(({ name }) => name);
      const auto = await codeOf(lib.LLMPipeline.load(model, { device: "AUTO" }));
      const without = await codeOf(lib.LLMPipeline.load(model, { device: "AUTO:-GPU" }));
      console.log(JSON.stringify({ cpu: devices.includes("CPU"), auto, without }));`;
    expect(await reportOf(program, env)).toEqual({ cpu: true, auto: "loaded", without: "loaded" });
    expect(await planted.ran()).toEqual([]);
  },
);
