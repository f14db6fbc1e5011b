/** How every token of a vocabulary is spelled; read once. */
export class TokenNames {
  readonly #read: () => Promise<readonly string[]>;
  #all: Promise<readonly string[]> | undefined;
  #ids: Promise<Map<string, number>> | undefined;

  constructor(read: () => Promise<readonly string[]>) {
    this.#read = read;
  }

  /** In the order of the ids. */
  all(): Promise<readonly string[]> {
    this.#all ??= this.#read();
    return this.#all;
  }

  ids(): Promise<ReadonlyMap<string, number>> {
    this.#ids ??= this.all().then((tokens) => new Map(tokens.map((token, id) => [token, id])));
    return this.#ids;
  }
}
