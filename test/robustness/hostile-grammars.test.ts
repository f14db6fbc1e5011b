import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { runNode } from "../helpers/run-node.js";

const PROGRAM = fileURLToPath(new URL("hostile-grammars.mjs", import.meta.url));
const SETTLED = ["stop", "length", "object", "ERR_INVALID_SCHEMA", "ERR_SCHEMA_MISMATCH", "ERR_OUT_OF_RANGE"];

it("no grammar ends the process or the pipeline", async () => {
  const ended = await runNode([PROGRAM, await chainModel({ text: ALPHABET, loop: true })]);
  const lines = ended.stdout.trim().split("\n");
  expect({ code: ended.code, signal: ended.signal, last: lines.at(-1) }).toEqual({
    code: 0,
    signal: null,
    last: "xxx",
  });
  expect(lines.length).toBeGreaterThan(25);
  for (const line of lines.slice(0, -1)) expect(SETTLED, line).toContain(line.split(": ").at(-1));
});
