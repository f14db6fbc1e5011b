/** Lets a number of holders in at once; the others wait in the order in which they came. */
export class Semaphore {
  #slots: number;
  readonly #waiting: Array<() => void> = [];

  /** @param slots - at least 1 */
  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Resolves when there is a place. Whoever got one gives it back. */
  acquire(): Promise<void> {
    if (this.#slots > 0) {
      this.#slots -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a place to the one who has waited longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#slots += 1;
    else next();
  }
}
