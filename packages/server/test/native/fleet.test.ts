import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ALPHABET, chainModel } from "../../../../test/helpers/chain.js";
import { demand, need } from "../../../../test/helpers/needs.js";
import { runNode } from "../../../../test/helpers/run-node.js";
import { pythonPackages } from "../../../../scripts/python-packages.mjs";

// The short form of benchmarks/fleet: three replicas of the chain model, and smg in front of them.

const FLEET = fileURLToPath(new URL("../../../../benchmarks/fleet", import.meta.url));

it(
  "behind smg no request is lost that had not begun, when a replica is killed, drained, started again; an abort reaches the engine",
  { timeout: 180_000 },
  async (context) => {
    const smg = await pythonPackages(`${FLEET}/requirements-smg.txt`).catch(() => null);
    demand(context, need("Python 3.11 to 3.13 with pip's smg", smg !== null));
    const model = await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 });
    const few = ["--routers", "smg", "--trials", "abort,failure", "--streams", "3"];
    const { code, stdout, stderr } = await runNode([`${FLEET}/run.mjs`, model, ...few]);
    expect(code, stdout + stderr).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toEqual([
      "smg: a client's abort reaches the engine",
      expect.stringMatching(/^smg: kill -9 of one: .* 0 lost before$/),
      "smg: the one that was started again is given requests",
      expect.stringMatching(/^smg: SIGTERM of one: \d+ streams whole, 0 broken .* 0 lost before$/),
      expect.stringMatching(/^smg: all three again: \d+ streams whole, 0 broken .* 0 lost before$/),
    ]);
  },
);
