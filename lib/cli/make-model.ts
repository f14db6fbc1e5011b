import { AbortError } from "../errors.js";
import { EXIT_INTERRUPTED } from "./failure.js";
import { inFlags } from "./flag-values.js";
import { StopWatch } from "./stop-watch.js";

/** How the making of a model is shown. */
interface Making<Model> {
  /** Shows progress; told once when there is no more. */
  readonly display: { end(): void };
  /** What the library's options are called on the command line. */
  readonly flagNames: Readonly<Record<string, string>>;
  readonly summaryOf: (model: Model) => string;
}

/** Makes a model and prints where it is. Ctrl-C ends it and leaves nothing half-made; errors name flags. */
export async function makeModel<Model extends { readonly dir: string }>(
  { display, flagNames, summaryOf }: Making<Model>,
  make: (signal: AbortSignal) => Promise<Model>,
): Promise<void> {
  const watch = new StopWatch();
  try {
    const model = await make(watch.signal);
    display.end();
    process.stderr.write(`${summaryOf(model)}\n`);
    process.stdout.write(`${model.dir}\n`);
  } catch (error) {
    display.end();
    if (error instanceof AbortError && watch.reason === "interrupted") {
      process.stderr.write("Interrupted; nothing half-made is left.\n");
      process.exitCode = EXIT_INTERRUPTED;
      return;
    }
    if (error instanceof Error) error.message = inFlags(error.message, flagNames);
    throw error;
  } finally {
    watch[Symbol.dispose]();
  }
}
