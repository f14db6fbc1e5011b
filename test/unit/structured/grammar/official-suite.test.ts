/** The official JSON Schema test suite, as `scripts/schema-trials.mjs` counts it. */
import { expect, it } from "vitest";
import { given, need } from "../../../helpers/needs.js";
import { findPython311 } from "../../../helpers/oracle.js";
import { runNode } from "../../../helpers/run-node.js";

const python = need("Python 3.11", (await findPython311()) !== null);

it(
  "every valid instance can be said, and no other one of an exact schema",
  { ...given(python), timeout: 600_000 },
  async () => {
    const { code, stdout, stderr } = await runNode(["scripts/schema-trials.mjs"]);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^schemas 709: 500 exact, 157 with something checked after, 52 refused$/m);
    expect(stdout).toMatch(/^valid instances (\d+), said \1$/m);
    expect(stdout).toMatch(/^invalid instances of exact schemas (\d+), not said \1$/m);
  },
);
