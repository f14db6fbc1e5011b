import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Validator, type Schema } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import type { OpenVinoLlmError } from "../../../lib/errors/errors.js";
import type { Profile } from "../../../lib/profiles/profile.js";
import { profileOf, readProfile } from "../../../lib/profiles/read-profile.js";
import { temporaryFolder } from "../../helpers/chain.js";
import { PROFILE } from "../../helpers/profile.js";

const schema = new Validator(
  JSON.parse(readFileSync(join(import.meta.dirname, "../../../profile.schema.json"), "utf8")) as Schema,
  "2020-12",
  false,
);

/** A copy with another value at a path; undefined takes the field away. */
function changed(path: string, value: unknown, profile: Profile = PROFILE): unknown {
  const copy = structuredClone(profile) as unknown as Record<string, unknown>;
  const names = path.split(".");
  const last = names.pop() ?? "";
  let parent = copy;
  for (const name of names) parent = parent[name] as Record<string, unknown>;
  if (value === undefined) delete parent[last];
  else Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

function refusalOf(value: unknown): string {
  try {
    profileOf(value, "p.json");
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_PROFILE" });
    return (error as Error).message;
  }
  throw new Error(`Taken: ${JSON.stringify(value)}`);
}

async function readRefusal(file: string): Promise<string> {
  const error = await readProfile(file).then(
    () => {
      throw new Error("Taken.");
    },
    (refused: OpenVinoLlmError) => refused,
  );
  expect(error.code).toBe("ERR_PROFILE");
  expect(error.message).toContain(file);
  return error.message;
}

describe("a profile", () => {
  it("is read as it was written", () => {
    expect(profileOf(JSON.parse(JSON.stringify(PROFILE)), "p.json")).toEqual(PROFILE);
    expect(schema.validate(PROFILE).valid).toBe(true);
  });

  it.each(["$schema", "load.slo", "load.slo.ttftMs", "settings.scheduler", "settings.promptLookup"])(
    "needs no %s",
    (path) => {
      const without = changed(path, undefined);
      expect(profileOf(without, "p.json")).toEqual(without);
      expect(schema.validate(without).valid).toBe(true);
    },
  );

  it.each(["cpu.modelName", "cpu.family", "cpu.model", "evidence.quality", "evidence.levels.0.tpot"])(
    "may have null for %s",
    (path) => {
      const unknown = changed(path, null);
      expect(profileOf(unknown, "p.json")).toEqual(unknown);
      expect(schema.validate(unknown).valid).toBe(true);
    },
  );

  it("has no field but those", () => {
    expect(refusalOf(changed("settings.device", "GPU"))).toMatch(
      /Expected only the fields pipeline, properties, scheduler, promptLookup but received "settings\.device"/,
    );
  });

  it("names the file, the field, what was expected, what came and what to do", () => {
    expect(refusalOf(changed("settings.properties.INFERENCE_NUM_THREADS", 9))).toBe(
      "p.json: Expected an integer from 1 to 8 for settings.properties.INFERENCE_NUM_THREADS but received 9. " +
        "Make the profile again with openvino-llm-bench tune, or load without it.",
    );
  });
});

/** What neither the reader nor the published schema takes. */
const WRONG: readonly (readonly [path: string, value: unknown])[] = [
  ["version", 2],
  ["version", "1"],
  ["version", undefined],
  ["model", null],
  ["model.graphSha256", "AB".repeat(32)],
  ["model.graphSha256", undefined],
  ["model.weightsBytes", 1.5],
  ["model.weightsBytes", -1],
  ["model.name", "\u001b[2J"],
  ["model.name", "x".repeat(501)],
  ["model.weightFormat", 4],
  ["cpu.cpus", 0],
  ["cpu.instructionSets", "amx"],
  ["cpu.instructionSets", Array.from({ length: 65 }, () => "avx2")],
  ["versions.openvino", undefined],
  ["load.levels", [0]],
  ["load.inputLen", 2 ** 31],
  ["load.slo.tpotMs", 0],
  ["objective", "speed"],
  ["settings.pipeline", "TextEmbeddingPipeline"],
  ["settings.properties", []],
  ["settings.properties.CACHE_DIR", "/tmp/x"],
  ["settings.properties.DEVICE_PROPERTIES", "{}"],
  ["settings.properties.NUM_STREAMS", 2],
  ["settings.properties.__proto__", { CACHE_DIR: "/tmp/x" }],
  ["settings.properties.INFERENCE_PRECISION_HINT", "f64"],
  ["settings.properties.DYNAMIC_QUANTIZATION_GROUP_SIZE", "32"],
  ["settings.properties.KV_CACHE_PRECISION", "u4"],
  ["settings.properties.ENABLE_CPU_PINNING", "YES"],
  ["settings.scheduler.cacheSizeGb", 100],
  ["settings.scheduler.enablePrefixCaching", true],
  ["settings.scheduler.maxNumSeqs", 0],
  ["settings.promptLookup", 1],
  ["settings.draftModel", "/tmp/model"],
  ["settings.adapters", []],
  ["evidence.ratio", 1.5],
  ["evidence.ratio.low", -1],
  ["evidence.levels.0.concurrency", undefined],
  ["evidence.quality.greedyAgreementPercent", 101],
  ["created", "yesterday"],
  ["holds", ["cpu"]],
  ["holds", [...PROFILE.holds, "nothing"]],
  ["more", 1],
];

describe("what a profile must not have", () => {
  it.each(WRONG)("%s: %j", (path, value) => {
    const wrong = changed(path, value);
    expect(refusalOf(wrong)).toContain(
      path === "settings.properties" ? "properties" : path.split(".").at(-1),
    );
    expect(schema.validate(wrong).valid).toBe(false);
  });

  it.each([
    [
      "an interval without its estimate",
      changed("evidence.ratio.high", 1.45),
      /from 1.4 to 1.45 for evidence.ratio.value/,
    ],
    ["a time that there is not", changed("created", "2026-13-45T21:00:00Z"), /for created/],
    ["a scheduler without batching", changed("settings.pipeline", "LLMPipeline"), /for settings.scheduler/],
    [
      "more requests than tokens of a step",
      changed("settings.scheduler.maxNumSeqs", 513),
      /contradict each other.*maxNumSeqs/,
    ],
    [
      "prompt lookup with a limited step",
      changed("settings.promptLookup", true),
      /contradict each other.*maxNumBatchedTokens/,
    ],
  ])("%s", (_, wrong, message) => {
    expect(refusalOf(wrong)).toMatch(message);
  });
});

describe("a file", () => {
  it("is a profile", async () => {
    const file = join(temporaryFolder(), "p.json");
    await writeFile(file, JSON.stringify(PROFILE));
    expect(await readProfile(file)).toEqual(PROFILE);
  });

  it.each([
    ["that is empty", "", /Expected JSON/],
    ["that is no JSON", "{", /Expected JSON/],
    ["with another value", "[1]", /Expected an object but received an array of 1/],
    ["with a thousand levels", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, /Expected/],
    ["of another version", '{"version":2,"settings":{"new":1}}', /Expected 1 for version but received 2/],
  ])("%s is refused", async (_, text, message) => {
    const file = join(temporaryFolder(), "p.json");
    await writeFile(file, text);
    expect(await readRefusal(file)).toMatch(message);
  });

  it("that is missing, huge, a folder or a pipe is refused", async () => {
    const folder = temporaryFolder();
    expect(await readRefusal(join(folder, "none.json"))).toContain("there is no such file");
    expect(await readRefusal(folder)).toContain("Expected a file");
    const huge = join(folder, "huge.json");
    await writeFile(huge, "");
    await truncate(huge, 2 ** 40);
    expect(await readRefusal(huge)).toContain("at most 262144 bytes");
    await mkdir(join(folder, "pipes"));
    const pipe = join(folder, "pipes", "p.json");
    execFileSync("mkfifo", [pipe]);
    expect(await readRefusal(pipe)).toContain("Expected a file");
  });
});
