/** A small generator of numbers in [0, 1) (mulberry32): the same seed gives the same numbers on every machine. */
export function randomNumbers(seed: number): () => number;

/** A whole number from 0 that is below `count`, of such a generator. */
export function below(random: () => number, count: number): number;
