/** For each of the texts, whether the grammar lets it be said. */
export function sayable(grammarText: string, texts: readonly string[]): Promise<boolean[]>;
