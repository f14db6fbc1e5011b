import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAdapters } from "../../../../lib/models/adapters/adapters.js";
import { jumpAdapter, memoryAdapter } from "../../../helpers/safetensors.js";

let folder: string;
let model: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-adapters-"));
  model = join(folder, "model");
  await mkdir(model);
  const xml = `<layer id="0" name="lm_head" type="MatMul" version="opset1">
    <data transpose_a="false" transpose_b="true" /><input><port id="0"><dim>-1</dim></port>
    <port id="1"> <dim>288</dim> <dim>288</dim> </port></input></layer>`;
  await writeFile(join(model, "openvino_model.xml"), xml);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function adapter(name: string, bytes = jumpAdapter("a", "b")): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

test("adapters that fit are opened in their order, with the alphas that were given", async () => {
  const [a, b] = [await adapter("a.safetensors"), await adapter("b.bin")];
  const wanted = [
    { path: b, alpha: 0.25 },
    { path: a, alpha: undefined },
  ];
  expect(await openAdapters(model, wanted)).toEqual([
    { path: b, file: b, alpha: 0.25 },
    { path: a, file: a, alpha: 1 },
  ]);
});

test("a folder of PEFT stands for the file in it, and says what alpha it was trained with", async () => {
  const file = await adapter("adapter_model.safetensors");
  await writeFile(join(folder, "adapter_config.json"), JSON.stringify({ r: 4, lora_alpha: 12 }));
  expect(await openAdapters(model, [{ path: folder, alpha: undefined }])).toEqual([
    { path: folder, file, alpha: 3 },
  ]);
  expect(await openAdapters(model, [{ path: file, alpha: 1 }])).toEqual([{ path: file, file, alpha: 1 }]);
});

test("one file under two paths is refused", async () => {
  const file = await adapter("adapter_model.safetensors");
  const twice = [folder, file].map((path) => ({ path, alpha: 1 }));
  await expect(openAdapters(model, twice)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
  await expect(openAdapters(model, twice)).rejects.toThrow(`${file} is named twice`);
});

test("an adapter for other layers, a missing one, and a folder without one are refused by their paths", async () => {
  const other = await adapter("other.safetensors", memoryAdapter("a", "b"));
  await expect(openAdapters(model, [{ path: other, alpha: 1 }])).rejects.toThrow(
    `${other}: ${model} has no layers for "model.layers.0.self_attn.o_proj" and 1 more`,
  );
  const missing = join(folder, "missing.safetensors");
  await expect(openAdapters(model, [{ path: missing, alpha: 1 }])).rejects.toMatchObject({
    code: "ERR_MODEL_NOT_FOUND",
  });
  await expect(openAdapters(model, [{ path: folder, alpha: 1 }])).rejects.toThrow(
    join(folder, "adapter_model.safetensors"),
  );
});

test("without adapters nothing is read", async () => {
  expect(await openAdapters("/nowhere", [])).toEqual([]);
});

test("a model whose description cannot be read is refused", async () => {
  const path = await adapter("a.safetensors");
  await expect(openAdapters("/nowhere", [{ path, alpha: 1 }])).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
  });
});
