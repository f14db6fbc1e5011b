/** Where generations put the events of one answer until they are taken. The generations never wait. */

/** One consumer takes; leaving early stops those that produce. */
export class EventQueue<Event> implements AsyncIterator<Event, undefined> {
  readonly #leave: () => void;
  #events: Event[] = [];
  #next = 0;
  #end: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  /** @param leave - called when the consumer wants no more */
  constructor(leave: () => void) {
    this.#leave = leave;
  }

  push(event: Event): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** There is no more; with an error, where one ended it. */
  end(error: unknown = null): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    while (this.#next === this.#events.length) {
      if (this.#end !== null) {
        const { error } = this.#end;
        this.#end = { error: null };
        if (error === null) return { done: true, value: undefined };
        throw error;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
    const value = this.#events[this.#next++] as Event;
    if (this.#next === this.#events.length) {
      this.#events = [];
      this.#next = 0;
    }
    return { done: false, value };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#events = [];
    this.#next = 0;
    this.end();
    this.#leave();
    return { done: true, value: undefined };
  }
}
