import { join } from "node:path";
import { expect, test } from "vitest";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { runNode } from "../helpers/run-node.js";
import { ROOT } from "./packed-app.js";

// Those that are quickly installed and built; the script tries the others when it is run by hand.
const NAMES = ["esbuild", "rollup", "webpack", "vite", "vitest"];

test("with bundlers and pools of vitest the library works, and says what it needs, as docs/bundlers.md has it", async () => {
  const env = { OPENVINO_LLM_ADDON: "", OPENVINO_LLM_RUNTIME: locateRuntime().dir };
  const { code, stdout, stderr } = await runNode([join(ROOT, "scripts/frameworks.mjs"), ...NAMES], { env });
  const unexpected = stdout.split("\n").filter((line) => line.includes("NOT AS EXPECTED"));
  expect({ code, stderr, unexpected }).toEqual({ code: 0, stderr: "", unexpected: [] });
  for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^${name}@.*: works$`, "m"));
});
