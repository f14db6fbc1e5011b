import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { trainedAlpha } from "../../../../lib/models/adapters/adapter-config.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-adapter-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function alphaBy(config: unknown): Promise<number> {
  await writeFile(join(folder, "adapter_config.json"), JSON.stringify(config));
  return trainedAlpha(join(folder, "adapter_model.safetensors"));
}

test("the factor is lora_alpha over the rank, or over its root", async () => {
  expect(await alphaBy({ peft_type: "LORA", r: 8, lora_alpha: 16 })).toBe(2);
  expect(await alphaBy({ r: 16, lora_alpha: 8, use_rslora: false, rank_pattern: {} })).toBe(0.5);
  expect(await alphaBy({ r: 16, lora_alpha: 8, use_rslora: true })).toBe(2);
});

test("the factor is 1 where there is no such file, and where it says nothing", async () => {
  expect(await trainedAlpha(join(folder, "adapter_model.safetensors"))).toBe(1);
  expect(await alphaBy({ r: 16 })).toBe(1);
});

test.each([
  [{ r: 0, lora_alpha: 8 }, "a number above 0 for r but received 0"],
  [{ lora_alpha: 8 }, "a number above 0 for r but received undefined"],
  [{ r: 8, lora_alpha: "16" }, 'a number above 0 for lora_alpha but received "16"'],
  [{ r: 8, lora_alpha: null }, "for lora_alpha but received null"],
  [{ r: 8, lora_alpha: 8, rank_pattern: { q_proj: 4 } }, "rank_pattern gives the layers different factors"],
  [{ r: 8, lora_alpha: 8, alpha_pattern: { q_proj: 4 } }, "alpha_pattern gives the layers different factors"],
  [[], "Expected a JSON object"],
])("%j is refused", async (config, message) => {
  await expect(alphaBy(config)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
  await expect(alphaBy(config)).rejects.toThrow(join(folder, "adapter_config.json"));
  await expect(alphaBy(config)).rejects.toThrow(message);
});
