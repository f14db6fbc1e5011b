import { expect, test } from "vitest";
import {
  EXPORT_OPTIONS,
  asksForRecipe,
  checkExportOptions,
  exportArguments,
  givenOptions,
  type ExportOptions,
} from "../../../lib/prepare/export-options.js";
import { PREPARE_PRESETS } from "../../../lib/prepare/presets.js";

test("options become the exporter's arguments, a value in one word with its flag", () => {
  const options: ExportOptions = {
    weightFormat: "int4",
    groupSize: -1,
    ratio: 0.8,
    sym: true,
    awq: false,
    dataset: "wikitext2",
    cacheDir: "/a cache",
  };
  expect(exportArguments(options)).toEqual([
    "--weight-format=int4",
    "--group-size=-1",
    "--ratio=0.8",
    "--sym",
    "--dataset=wikitext2",
    "--cache_dir=/a cache",
  ]);
  expect(givenOptions(options)).toEqual({
    weightFormat: "int4",
    groupSize: -1,
    ratio: 0.8,
    sym: true,
    dataset: "wikitext2",
    cacheDir: "/a cache",
  });
});

test.each<[string, object, RegExp]>([
  ["a weight format that there is none of", { weightFormat: "int2" }, /options\.weightFormat.*"int2"/],
  ["a group of no weights", { groupSize: 0 }, /options\.groupSize/],
  ["a group of half a weight", { groupSize: 0.5 }, /options\.groupSize.*0\.5/],
  ["a share above one", { ratio: 1.5 }, /options\.ratio.*1\.5/],
  ["a share of nothing", { ratio: 0 }, /options\.ratio/],
  ["a number as text", { ratio: "0.5" }, /number for options\.ratio/],
  ["a flag as text", { awq: "yes" }, /boolean for options\.awq/],
  ["an empty text", { variant: "" }, /string for options\.variant/],
  ["no samples", { numSamples: 0 }, /options\.numSamples/],
])("%s is refused by name", (_, options, message) => {
  expect(() => checkExportOptions(options as ExportOptions)).toThrow(message);
});

test("every option is accepted at a value that its row allows, and given on", () => {
  for (const option of EXPORT_OPTIONS) {
    const value =
      option.kind === "flag"
        ? true
        : option.kind === "text"
          ? "choices" in option
            ? option.choices[0]
            : "x"
          : 1;
    const options = { [option.name]: value };
    checkExportOptions(options);
    expect(exportArguments(options)).toEqual([
      option.kind === "flag" ? option.flag : `${option.flag}=${value}`,
    ]);
  }
});

test("only the weight format and what does not quantise leave the recipe to the exporter", () => {
  expect(asksForRecipe({ weightFormat: "int4", trustRemoteCode: true, cacheDir: "/x" })).toBe(true);
  expect(asksForRecipe({ weightFormat: "int4", sym: false })).toBe(true);
  for (const option of [{ sym: true }, { groupSize: 64 }, { ratio: 1 }, { awq: true }, { dataset: "auto" }]) {
    expect(asksForRecipe({ weightFormat: "int4", ...option })).toBe(false);
  }
});

test("the presets are the published recipes", () => {
  expect(exportArguments(PREPARE_PRESETS["phi-4-mini-int4"].options)).toEqual([
    "--weight-format=int4",
    "--group-size=128",
    "--ratio=1",
    "--awq",
    "--scale-estimation",
    "--dataset=wikitext2",
  ]);
  expect(asksForRecipe(PREPARE_PRESETS["gpt-oss-20b-int4"].options)).toBe(true);
  for (const { options } of Object.values(PREPARE_PRESETS)) checkExportOptions(options);
});
