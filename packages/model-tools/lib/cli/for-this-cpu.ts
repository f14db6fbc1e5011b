/** Makes the weight format that measuring recommends: by the benchmark, where it is installed beside this package. */
import { BENCH, importFrom, openModel, writeProfile } from "openvino-llm/internal";
import { OpenVinoLlmError, type Profile } from "openvino-llm";
import { prepareModel } from "../prepare/prepare.js";

/** What of openvino-llm-bench is used. */
interface BenchTools {
  tuneFormats(
    source: string,
    options: object,
    context: {
      readonly signal: AbortSignal;
      readonly onEvent: (event: FormatsEvent) => void;
      readonly tools: { prepareModel: typeof prepareModel };
    },
  ): Promise<FormatsReport>;
  formatsMarkdown(report: FormatsReport): string;
}

/** Of its events, those that are reported here. */
interface FormatsEvent {
  readonly type: string;
  readonly format?: string;
  readonly message?: string;
  readonly round?: number;
}

interface FormatsReport {
  readonly formats: ReadonlyArray<{
    readonly id: string;
    readonly path: string | null;
    readonly tuning: { readonly profile: Profile | null } | null;
  }>;
  readonly recommendation: { readonly id: string } | null;
}

/** What was made and what it is made by. */
export interface ModelForThisCpu {
  /** The folder or file of the recommended format. */
  readonly dir: string;
  /** The report as Markdown. */
  readonly report: string;
}

/** How it is made. */
export interface ForThisCpuOptions {
  /** Time for measuring; undefined for that of `tuneFormats()`. */
  readonly budgetMs: number | undefined;
  readonly signal: AbortSignal;
  /** Receives a line for each step. */
  readonly onStep: (line: string) => void;
}

/**
 * Makes, tunes and judges every weight format of a source, and gives the recommended one; its profile goes where
 * `profile: "auto"` finds it. The other formats stay in the cache.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_PACKAGE_NOT_FOUND where openvino-llm-bench is not installed; ERR_MODEL_LOAD
 *   where no format answers well enough; what making FP16 throws; AbortError
 */
export async function prepareForThisCpu(
  source: string,
  { budgetMs, signal, onStep }: ForThisCpuOptions,
): Promise<ModelForThisCpu> {
  const bench = (await importFrom(BENCH, "")) as BenchTools;
  const onEvent = (event: FormatsEvent): void => {
    const line = stepText(event);
    if (line !== null) onStep(line);
  };
  const context = { signal, onEvent, tools: { prepareModel } };
  const found = await bench.tuneFormats(source, { budgetMs }, context);
  const report = bench.formatsMarkdown(found);
  signal.throwIfAborted();
  const chosen = found.formats.find(({ id }) => id === found.recommendation?.id);
  const path = chosen?.path ?? null;
  if (path === null) {
    throw new OpenVinoLlmError(
      "ERR_MODEL_LOAD",
      `Expected a weight format of ${source} that answers well enough, but there was none:\n${report}`,
    );
  }
  const profile = chosen?.tuning?.profile ?? null;
  if (profile !== null) await writeProfile(profile, (await openModel(path)).dir);
  return { dir: path, report };
}

function stepText({ type, format = "", message = "", round = 0 }: FormatsEvent): string | null {
  if (type === "preparing") return `Making ${format}`;
  if (type === "tuning") return `Measuring ${format}`;
  if (type === "format-failed") return `${format} is left out: ${message}`;
  return type === "round" ? `Measuring all of them side by side, round ${round}` : null;
}
