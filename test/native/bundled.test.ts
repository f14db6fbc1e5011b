import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { beforeAll, expect, test } from "vitest";
import { findAddon } from "../../lib/native/find-addon.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { chainModel, temporaryFolder } from "../helpers/chain.js";
import { runNode } from "../helpers/run-node.js";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = `import { LLMPipeline } from "openvino-llm";
LLMPipeline.load(process.argv[2]).then(
  async (llm) => {
    const { text } = await llm.generate("hello");
    await llm.close();
    console.log(text);
  },
  (error) => console.log(error.code, error.message),
);`;

let model: string;
beforeAll(async () => {
  model = await chainModel();
});

test.each(["es", "cjs"] as const)(
  "an app that bundles the library (%s) gets an error that says to keep it outside, or to name the addon",
  async (format) => {
    const app = join(temporaryFolder(), "app");
    await mkdir(join(app, "node_modules"), { recursive: true });
    await symlink(PACKAGE, join(app, "node_modules/openvino-llm"));
    await writeFile(join(app, "package.json"), '{ "name": "app" }');
    await writeFile(join(app, "main.js"), MAIN);
    await build({
      configFile: false,
      logLevel: "silent",
      root: app,
      build: { ssr: "main.js", outDir: "out", rollupOptions: { output: { format } } },
      ssr: { noExternal: true },
    });
    // What is imported only when it is needed is a file of its own.
    const file = (await readdir(join(app, "out"))).find((name) => name.startsWith("main.")) ?? "";
    // A run with a sanitizer names an addon.
    const ended = await runNode([join(app, "out", file), model], { env: { OPENVINO_LLM_ADDON: "" } });
    expect(ended.stdout).toMatch(
      /^ERR_ADDON_NOT_FOUND .*as in a bundle.*external.*serverExternalPackages.*outputFileTracingIncludes.*OPENVINO_LLM_ADDON/,
    );
    const env = { OPENVINO_LLM_ADDON: findAddon(), OPENVINO_LLM_RUNTIME: locateRuntime().dir };
    expect(await runNode([join(app, "out", file), model], { env })).toMatchObject({
      code: 0,
      stdout: `${CHAIN_TEXT}\n`,
    });
  },
  60_000,
);
