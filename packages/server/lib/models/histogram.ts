/** Counts of values by upper bounds, as Prometheus has them. */
export class Histogram {
  /** Upper bounds, ascending; what lies above the last is counted too. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
  }

  /** Values at or below each bound, and in the end all of them. */
  get cumulative(): number[] {
    let total = 0;
    return this.#counts.map((count) => (total += count));
  }

  get sum(): number {
    return this.#sum;
  }
}
