/**
 * Lets requests that arrive together begin together. Over HTTP each of them is a turn of the event loop of its own, and an idle
 * engine would make its first step with the first one alone, while the others wait for the end of it.
 */
export class Gathering {
  #ready: Promise<void> | null = null;
  #hasNew = false;

  /** Resolves, for all that have joined by then at once, when a whole turn of the event loop has brought no further one. */
  join(): Promise<void> {
    this.#hasNew = true;
    this.#ready ??= new Promise((resolve) => this.#look(LONGEST_TURNS, resolve));
    return this.#ready;
  }

  #look(turnsLeft: number, resolve: () => void): void {
    setImmediate(() => {
      if (this.#hasNew && turnsLeft > 1) {
        this.#hasNew = false;
        return this.#look(turnsLeft - 1, resolve);
      }
      this.#ready = null;
      resolve();
    });
  }
}

/** Of the event loop; a turn that reads requests takes less than a millisecond. */
const LONGEST_TURNS = 32;
