import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { GenerationResult } from "../../lib/index.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { chainModel } from "../helpers/chain.js";
import { given, need } from "../helpers/needs.js";

const SCRIPT = fileURLToPath(new URL("other-runtimes.mjs", import.meta.url));
const LIBRARY = fileURLToPath(new URL("../../dist/index.js", import.meta.url));

const RUNTIMES = [
  { name: "Bun", command: "bun", args: ["run", SCRIPT] },
  { name: "Deno", command: "deno", args: ["run", "--allow-all", SCRIPT] },
] as const;

function isOnPath(command: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

for (const { name, command, args } of RUNTIMES) {
  describe(`in ${name}`, given(need(`${name} on PATH`, isOnPath(command))), () => {
    it("answers, and its times are those between call and answer", async () => {
      const { stdout } = await promisify(execFile)(command, [...args, LIBRARY, await chainModel()]);
      const { result, elapsedMs } = JSON.parse(stdout) as { result: GenerationResult; elapsedMs: number };
      expect(result.text).toBe(CHAIN_TEXT);
      const { queueMs, ttftMs, e2eMs, perToken } = result.timing;
      const stampsMs = [0, queueMs, ttftMs, e2eMs, perToken.deliveredMs.at(-1), elapsedMs];
      expect(stampsMs).toEqual(stampsMs.toSorted((a, b) => Number(a) - Number(b)));
      expect(perToken.producedMs).toHaveLength(result.usage.completionTokens);
      for (const [index, stamp] of perToken.producedMs.entries())
        expect(perToken.deliveredMs[index]).toBeGreaterThanOrEqual(stamp);
    });
  });
}
