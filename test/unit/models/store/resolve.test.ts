import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { IR_FILES } from "../../../../lib/models/ir/ir-files.js";
import { modelsDir, resolveModel } from "../../../../lib/models/store/resolve.js";

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-resolve-"));
  env = { OPENVINO_LLM_CACHE: join(folder, "cache"), HF_HUB_CACHE: join(folder, "hub") };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function irFolder(dir: string, files: readonly string[] = IR_FILES): Promise<string> {
  await mkdir(dir, { recursive: true });
  for (const file of files) await writeFile(join(dir, file), "content");
  return dir;
}

async function file(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "content");
  return path;
}

describe("a model that is there", () => {
  test("a folder by its absolute path", async () => {
    const dir = await irFolder(join(folder, "my-model"));
    expect(await resolveModel(dir, env)).toEqual({ kind: "ir", name: "my-model", dir });
    expect(await resolveModel(`${dir}/`, env)).toEqual({ kind: "ir", name: "my-model", dir });
  });

  test("a GGUF file, in small or capital letters", async () => {
    const path = await file(join(folder, "Some.Model-Q4_1.gguf"));
    expect(await resolveModel(path, env)).toEqual({ kind: "gguf", name: "Some.Model-Q4_1", path });
    const upper = await file(join(folder, "X.GGUF"));
    expect(await resolveModel(upper, env)).toEqual({ kind: "gguf", name: "X", path: upper });
  });

  test("a relative path comes back absolute", async () => {
    const dir = await irFolder(join(folder, "my-model"));
    expect(await resolveModel(relative(process.cwd(), dir), env)).toMatchObject({ dir });
    expect(await resolveModel(`./${relative(process.cwd(), dir)}`, env)).toMatchObject({ dir });
  });

  test("a link to a folder", async () => {
    const dir = await irFolder(join(folder, "real"));
    const link = join(folder, "link");
    await symlink(dir, link);
    expect(await resolveModel(link, env)).toEqual({ kind: "ir", name: "link", dir: link });
  });

  test("a name in the cache", async () => {
    const dir = await irFolder(join(modelsDir(env), "tiny"));
    expect(await resolveModel("tiny", env)).toEqual({ kind: "ir", name: "tiny", dir });
  });

  test("something in the current folder goes before the cache", async () => {
    await irFolder(join(modelsDir(env), "package.json"));
    await expect(resolveModel("package.json", env)).rejects.toThrow(join(process.cwd(), "package.json"));
  });
});

describe("a model that is not there", () => {
  const notFound = (...parts: string[]) => ({
    code: "ERR_MODEL_NOT_FOUND",
    message: expect.stringMatching(
      new RegExp(parts.map((part) => part.replaceAll(/[.\\]/g, "\\$&")).join(".*")),
    ),
  });

  test("an unknown name gets both places and the names that can be fetched", async () => {
    await expect(resolveModel("tiny", env)).rejects.toMatchObject(
      notFound(
        join(process.cwd(), "tiny"),
        join(folder, "cache/models/tiny"),
        "models fetch smollm2-135m-instruct",
      ),
    );
    await expect(resolveModel("tiny", env)).rejects.not.toThrow("models fetch tiny");
  });

  test("a known name gets the command that fetches it", async () => {
    await expect(resolveModel("smollm2-135m-instruct", env)).rejects.toMatchObject(
      notFound(
        join(folder, "cache/models"),
        "Get it with: npx openvino-llm models fetch smollm2-135m-instruct",
      ),
    );
  });

  test.each(["./tiny", "/nowhere/tiny", "../tiny"])(
    "the path %s is not looked up in the cache",
    async (model) => {
      await irFolder(join(modelsDir(env), "tiny"));
      const outcome = resolveModel(model, env);
      await expect(outcome).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
      await expect(outcome).rejects.not.toThrow(modelsDir(env));
    },
  );

  test.each(["a/../../outside", "a/b", "tiny/../tiny", "~/tiny", "tiny\nname"])(
    "%j is no name: it cannot lead out of the models folder",
    async (model) => {
      await irFolder(join(folder, "cache", "outside"));
      await irFolder(join(modelsDir(env), "tiny"));
      await irFolder(join(modelsDir(env), "a", "b"));
      await expect(resolveModel(model, env)).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
    },
  );

  test("a name longer than any file name", async () => {
    await expect(resolveModel("m".repeat(5000), env)).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
  });

  test("a path through a file", async () => {
    const path = join(await file(join(folder, "file")), "model");
    await expect(resolveModel(path, env)).rejects.toMatchObject(notFound(path));
  });

  test.each(["", "a\0b", 5, null, undefined, {}])("%j is no model", async (model) => {
    await expect(resolveModel(model as string, env)).rejects.toMatchObject({
      name: "TypeError",
      code: "ERR_INVALID_ARG_TYPE",
      message: expect.stringContaining("model"),
    });
  });
});

describe("a folder or file that cannot be loaded", () => {
  const loadError = (message: RegExp) => ({
    code: "ERR_MODEL_LOAD",
    message: expect.stringMatching(message),
  });

  test("of a folder without a tokenizer the error names what is missing", async () => {
    const dir = await irFolder(join(folder, "m"), ["openvino_model.xml", "openvino_model.bin"]);
    await expect(resolveModel(dir, env)).rejects.toMatchObject(
      loadError(
        /openvino_tokenizer\.xml, openvino_tokenizer\.bin, openvino_detokenizer\.xml, openvino_detokenizer\.bin are missing/,
      ),
    );
    await expect(resolveModel(dir, env)).rejects.not.toThrow("openvino_model.bin");
  });

  test.each(IR_FILES)("a folder without %s", async (missing) => {
    const others = IR_FILES.filter((name) => name !== missing);
    const dir = await irFolder(join(folder, "m"), others);
    await expect(resolveModel(dir, env)).rejects.toMatchObject(
      loadError(new RegExp(`but ${missing} is missing`)),
    );
  });

  test("an empty .xml counts as missing", async () => {
    const dir = await irFolder(join(folder, "m"));
    await writeFile(join(dir, "openvino_model.xml"), "");
    await expect(resolveModel(dir, env)).rejects.toMatchObject(
      loadError(/openvino_model\.xml is missing or empty/),
    );
  });

  test("a folder that holds only a GGUF file names it", async () => {
    const path = await file(join(folder, "m", "chain.gguf"));
    await expect(resolveModel(join(folder, "m"), env)).rejects.toMatchObject(
      loadError(new RegExp(`pass ${path.replaceAll(".", "\\.")}`)),
    );
  });

  test("a file of another kind", async () => {
    const path = await file(join(folder, "openvino_model.xml"));
    await expect(resolveModel(path, env)).rejects.toMatchObject(
      loadError(/\.gguf file but received the file .*xml/),
    );
  });
});
