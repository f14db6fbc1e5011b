import { inFlags, untilSignal } from "openvino-llm/internal";

/** How the making of a model is shown. */
interface Making<Model> {
  /** Shows progress; ended once when there is no more. */
  readonly display: { end(): void };
  /** What the library's options are called on the command line. */
  readonly flagNames: Readonly<Record<string, string>>;
  readonly summaryOf: (model: Model) => string;
}

/** Makes a model and prints where it is; errors name flags. */
export async function makeModel<Model extends { readonly dir: string }>(
  { display, flagNames, summaryOf }: Making<Model>,
  make: (signal: AbortSignal) => Promise<Model>,
): Promise<void> {
  const model = await untilSignal(make, display).catch((error: unknown) => {
    if (error instanceof Error) error.message = inFlags(error.message, flagNames);
    throw error;
  });
  if (model === null) return;
  process.stderr.write(`${summaryOf(model)}\n`);
  process.stdout.write(`${model.dir}\n`);
}
