/** Makes the weight format that measuring recommends: by the benchmark, where it is installed beside this package. */
import { BENCH, importFrom, openModel, writeProfile } from "openvino-llm/internal";
import { OpenVinoLlmError, type Profile } from "openvino-llm";
import { prepareModel } from "../prepare/prepare.js";

/** What of openvino-llm-bench is used. */
interface BenchTools {
  tuneFormats(
    source: string,
    options: object,
    context: { readonly signal: AbortSignal; readonly tools: { prepareModel: typeof prepareModel } },
  ): Promise<FormatsReport>;
  formatsMarkdown(report: FormatsReport): string;
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

/**
 * Makes, tunes and judges every weight format of a source, and gives the recommended one; its profile goes where
 * `profile: "auto"` finds it. The other formats stay in the cache.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_PACKAGE_NOT_FOUND where openvino-llm-bench is not installed; ERR_MODEL_LOAD
 *   where no format answers well enough; what making FP16 throws; AbortError
 */
export async function prepareForThisCpu(source: string, signal: AbortSignal): Promise<ModelForThisCpu> {
  const bench = (await importFrom(BENCH, "")) as BenchTools;
  const found = await bench.tuneFormats(source, {}, { signal, tools: { prepareModel } });
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
