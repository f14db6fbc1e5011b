export interface MatrixCase {
  section: string;
  setting: string;
  model: object;
}

export interface MatrixResult {
  section: string;
  setting: string;
  model: string;
  verdict: "crash" | "not finite" | "wrong" | "error" | "right";
  /** The signal, the message, or the largest error. */
  what: string | number;
  /** How a process ended in which others had run before it; alone it did not end one. */
  after?: string;
}

export function runMatrix(
  cases: readonly MatrixCase[],
  root: string,
  onResult?: (result: MatrixResult) => void,
): Promise<MatrixResult[]>;
