import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { addServeFlags } from "../../packages/server/lib/cli/serve-flags.js";
import { createProgram } from "../../lib/cli/terminal/program.js";
import { temporaryFolder } from "../helpers/chain.js";
import { findManifestCheck } from "../helpers/manifest-check.js";

const FOLDER = fileURLToPath(new URL("../../deploy/kubernetes/", import.meta.url));
const FILES = readdirSync(FOLDER).map((name) => join(FOLDER, name));
/** Of an extension of Kubernetes, whose schemas are not with it. */
const WITHOUT_SCHEMA = ["inference-pool.yaml"];
const deployment = readFileSync(join(FOLDER, "deployment.yaml"), "utf8");

const check = await findManifestCheck();

it.skipIf("reason" in check)(
  "manifests fit Kubernetes' schemas, but for the kinds that it has none of",
  async () => {
    if ("reason" in check) return;
    const { code, lines } = await check(FILES);
    expect(code).toBe(0);
    const unknown = FILES.filter((file) => !lines.some((line) => line.includes(`${file} passed`)));
    expect(unknown).toEqual(WITHOUT_SCHEMA.map((name) => join(FOLDER, name)));
    // The tool sees what is wrong.
    const wrong = join(temporaryFolder(), "wrong.yaml");
    writeFileSync(wrong, deployment.replace("failureThreshold: 300", "failureTreshold: 300"));
    expect((await check([wrong])).code).not.toBe(0);
  },
);

it("gives a pod more time to end than its server takes", () => {
  const numberAfter = (text: string): number =>
    Number(new RegExp(`${text}(\\d+)`).exec(deployment)?.[1] ?? Number.NaN);
  const takenSeconds =
    numberAfter('"sleep", "') + numberAfter("--drain-delay=") + numberAfter("--drain-timeout=");
  expect(numberAfter("terminationGracePeriodSeconds: ")).toBeGreaterThan(takenSeconds);
});

it("starts the server with flags that it has", () => {
  const known = addServeFlags(createProgram("serve", "", "0")).options.map(({ long }) => long);
  const given = [...deployment.matchAll(/^ +- (--[\w-]+)/gm)].map(([, flag]) => flag);
  expect(given.length).toBeGreaterThan(5);
  expect(known).toEqual(expect.arrayContaining(given));
});
