import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { LLMPipeline } from "../../lib/index.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { pullModel } from "../../lib/models/index.js";
import { chainModel } from "../helpers/chain.js";
import { FakeHub } from "../helpers/fake-hub.js";
import { hubEnvironment } from "../helpers/hub-model.js";

// A model that was pulled is loaded by its name, and answers; nothing else is.

let gguf: string;
const ir: Record<string, Buffer> = {};
beforeAll(async () => {
  gguf = await chainModel();
  const llm = await LLMPipeline.load(gguf);
  const dir = llm.model.path;
  for (const name of await readdir(dir)) ir[name] = await readFile(join(dir, name));
  await llm.close();
});

async function answerOf(model: string): Promise<string> {
  const llm = await LLMPipeline.load(model);
  const { text } = await llm.generate("hello");
  await llm.close();
  return text;
}

test("IR and GGUF of the hub, whole; a part of one is refused with the command that gets the rest", async () => {
  await using hub = await FakeHub.start();
  const env = hubEnvironment(hub.url);
  for (const [name, value] of Object.entries(env)) if (name.startsWith("HF_")) vi.stubEnv(name, value);
  hub.commit("me/chain-ov", ir);
  hub.commit("me/chain-GGUF", { "chain-F16.gguf": await readFile(gguf), "chain-Q8_0.gguf": "other" });

  await expect(LLMPipeline.load("me/chain-ov")).rejects.toMatchObject({
    code: "ERR_MODEL_NOT_FOUND",
    message: expect.stringMatching(/models pull me\/chain-ov$/),
  });
  expect(hub.asked).toEqual([]);

  const { path } = await pullModel("me/chain-ov");
  expect(await answerOf("me/chain-ov")).toBe(CHAIN_TEXT);
  await pullModel("me/chain-GGUF:F16");
  expect(await answerOf("me/chain-GGUF:F16")).toBe(CHAIN_TEXT);

  await rm(join(path, "openvino_tokenizer.bin"));
  await expect(LLMPipeline.load("me/chain-ov")).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
    message: expect.stringMatching(/openvino_tokenizer\.bin is missing.*models pull me\/chain-ov$/),
  });
});

test("IR of a newer OpenVINO is refused before its weights are downloaded", async () => {
  await using hub = await FakeHub.start();
  for (const [name, value] of Object.entries(hubEnvironment(hub.url))) vi.stubEnv(name, value);
  const xml = '<net><rt_info><Runtime_version value="2099.1.0-1-x"/></rt_info></net>';
  hub.commit("me/newer-ov", { ...ir, "openvino_model.xml": xml });
  await expect(pullModel("me/newer-ov")).rejects.toMatchObject({
    code: "ERR_MODEL_LOAD",
    message: expect.stringMatching(/2099\.1\.0.*update openvino-llm/s),
  });
  expect(hub.downloads.map(({ path }) => path.split("/").at(-1))).not.toContain("openvino_model.bin");
  await expect(LLMPipeline.load("me/newer-ov")).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
});
