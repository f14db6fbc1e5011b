/** Lets a number of holders in at once; the others wait in the order in which they came. */
export class Semaphore {
  #places: number;
  readonly #waiting: Array<() => void> = [];

  /** @param places - at least 1 */
  constructor(places: number) {
    this.#places = places;
  }

  /** Resolves when there is a place. Whoever got one gives it back. */
  acquire(): Promise<void> {
    if (this.#places > 0) {
      this.#places -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a place to the one who has waited longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#places += 1;
    else next();
  }
}
