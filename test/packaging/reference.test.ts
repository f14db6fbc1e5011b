import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runNode } from "../helpers/run-node.js";

it("the API reference is built without a warning", async () => {
  const { code, stdout, stderr } = await runNode([
    fileURLToPath(new URL("../../scripts/reference.mjs", import.meta.url)),
  ]);
  expect(code, stdout + stderr).toBe(0);
});
