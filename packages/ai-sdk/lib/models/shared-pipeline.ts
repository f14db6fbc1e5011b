/** A pipeline that several models share: one that was given, or one that is loaded when the first call needs it. */

/** What can be closed. */
interface Closable {
  close(): Promise<void>;
}

/** A pipeline, now or later. */
export class SharedPipeline<Pipeline extends Closable> {
  readonly #load: () => Promise<Pipeline>;
  #loading: Promise<Pipeline> | undefined;

  constructor(load: () => Promise<Pipeline>) {
    this.#load = load;
  }

  /** Loads it where it is not loaded; a load that failed is tried again by the next call. */
  get(): Promise<Pipeline> {
    if (this.#loading !== undefined) return this.#loading;
    const loading = this.#load().catch((error: unknown) => {
      if (this.#loading === loading) this.#loading = undefined;
      throw error;
    });
    return (this.#loading = loading);
  }

  /** The same, until a signal ends the wait; the load goes on for others. */
  async until(signal: AbortSignal | undefined): Promise<Pipeline> {
    if (signal === undefined) return this.get();
    signal.throwIfAborted();
    let abort = (): void => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason as Error);
      signal.addEventListener("abort", abort);
    });
    try {
      return await Promise.race([this.get(), aborted]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Frees what was loaded; the next call loads it anew. */
  async close(): Promise<void> {
    const loading = this.#loading;
    this.#loading = undefined;
    const pipeline = await loading?.catch(() => undefined);
    await pipeline?.close();
  }
}
