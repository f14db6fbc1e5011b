import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, expect, it } from "vitest";
import { findAddon } from "../../../lib/native/find-addon.js";

const folder = mkdtempSync(join(tmpdir(), "openvino-llm-addon-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const addon = join(folder, "a b.node");
writeFileSync(addon, "");

it("OPENVINO_LLM_ADDON names the addon; a relative path counts from the working folder", () => {
  expect(findAddon({ OPENVINO_LLM_ADDON: addon })).toBe(addon);
  expect(findAddon({ OPENVINO_LLM_ADDON: relative(process.cwd(), addon) })).toBe(addon);
});

it.each([
  ["gone.node", "does not exist"],
  ["", "is not a .node file"],
])("where it names none (%j) that is said, and nothing else is looked for", (name, problem) => {
  const path = join(folder, name);
  expect(() => findAddon({ OPENVINO_LLM_ADDON: path })).toThrow(
    expect.objectContaining({
      code: "ERR_ADDON_NOT_FOUND",
      message:
        "Expected OPENVINO_LLM_ADDON to name the package's file prebuilds/linux-x64/openvino-llm.node " +
        `but ${path} ${problem}. Correct the variable, or unset it.`,
    }),
  );
});
