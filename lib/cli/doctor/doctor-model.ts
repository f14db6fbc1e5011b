/** `doctor --model`: whether a model runs correctly on this machine. */
import { checkModel, type ModelCheck } from "../../doctor/check-model.js";
import { weightLayerLines } from "../../host/kernels/kernel-text.js";
import { EXIT_FAILURE } from "../terminal/failure.js";
import { formatCount, formatFigure, formatTable } from "../terminal/format.js";
import { propertiesOf, type EngineFlags } from "../generate/generate-flags.js";
import { withProgress } from "../terminal/progress.js";
import { styleFor, type Style } from "../terminal/style.js";

/** Runs the check and prints it to stdout; the exit code is 1 where the model does not run correctly or is refused. */
export async function printModelCheck(
  model: string,
  flags: Pick<EngineFlags, "property" | "threads" | "profile" | "performanceHint"> & {
    readonly json?: boolean;
  },
): Promise<void> {
  const check = await withProgress("Running the model, and again in f32", () =>
    checkModel(model, {
      properties: propertiesOf(flags),
      profile: flags.profile,
      performanceHint: flags.performanceHint,
    }),
  );
  const text = flags.json ? JSON.stringify(check, null, 2) : checkText(check, styleFor(process.stdout));
  process.stdout.write(`${text}\n`);
  if (!check.ok || check.refusal !== null) process.exitCode = EXIT_FAILURE;
}

/** The check for people. */
export function checkText(check: ModelCheck, style: Style): string {
  const { ok, message, model, path, refusal } = check;
  return [
    style.strong(model),
    ...formatTable([
      ["Folder", path],
      ["Verdict", ok ? style.good(message) : style.bad(message)],
      ...(refusal === null ? [] : [["load()", `refuses this: ${refusal}`] as const]),
      ...propertyRows(check),
      ...speedRows(check),
      ...kernelRows(check),
    ]),
  ].join("\n");
}

function propertyRows({ properties }: ModelCheck): ReadonlyArray<readonly [string, string]> {
  if (properties === null) return [];
  const { asked, chosen, corrections, inForce } = properties;
  const list = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).map(([name, value]) => `${name}=${value}`);
  const reported = Object.fromEntries(
    REPORTED_PROPERTIES.flatMap((name) => (inForce?.[name] ? [[name, inForce[name]]] : [])),
  );
  return [
    ["Asked for", list(asked).join("\n") || "no properties"],
    ...(chosen.length === 0
      ? []
      : [
          [
            "Chosen",
            chosen.map(({ name, value, reason }) => `${name}=${value}: ${reason}`).join("\n"),
          ] as const,
        ]),
    ...(corrections.length === 0
      ? []
      : [
          [
            "Corrected",
            corrections.map(({ name, to, reason }) => `${name}=${to}: ${reason}`).join("\n"),
          ] as const,
        ]),
    ["In force", list(reported).join("\n") || "unknown"],
  ];
}

/** The properties in force that change arithmetic and speed. */
const REPORTED_PROPERTIES = [
  "INFERENCE_PRECISION_HINT",
  "KV_CACHE_PRECISION",
  "DYNAMIC_QUANTIZATION_GROUP_SIZE",
  "INFERENCE_NUM_THREADS",
  "NUM_STREAMS",
] as const;

function speedRows({ speed, tokens }: ModelCheck): ReadonlyArray<readonly [string, string]> {
  if (speed === null) return [];
  const rate = (value: number) => `${formatFigure(value)} tokens/s`;
  return [
    ["Speed", `${rate(speed.decodeTokensPerSecond)} one after the other`],
    ["", `${rate(speed.batchTokensPerSecond)} of ${formatCount(tokens.sequences, "sequence")}`],
    ["", `${rate(speed.prefillTokensPerSecond)} of a prompt of ${tokens.prompt}`],
  ];
}

function kernelRows({ kernels }: ModelCheck): ReadonlyArray<readonly [string, string]> {
  if (kernels === null) return [];
  return [["Kernels", kernels.ok ? weightLayerLines(kernels).join("\n") : kernels.message]];
}
