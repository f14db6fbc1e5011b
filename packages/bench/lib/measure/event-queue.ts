/** Events on their way to a consumer. The producer never waits; events that nobody takes cost memory. */
export class EventQueue<Event> {
  readonly #events: Event[] = [];
  #wake: () => void = () => {};
  #end: { error: unknown } | "done" | null = null;

  /** Adds an event. */
  push(event: Event): void {
    this.#events.push(event);
    this.#wake();
  }

  /** No event follows. */
  close(): void {
    this.#end ??= "done";
    this.#wake();
  }

  /** No event follows; whoever takes the last one gets the error. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** Gives the events in their order, until `close()` or `fail()`; for one consumer. */
  async *drain(): AsyncGenerator<Event, void, undefined> {
    for (;;) {
      yield* this.#events.splice(0);
      if (this.#events.length > 0) continue;
      if (this.#end === "done") return;
      if (this.#end !== null) throw this.#end.error;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
