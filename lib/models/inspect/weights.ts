/** What a stored tensor is for. */
export type TensorRole = "weight" | "scale" | "zeroPoint" | "other";

/** How quantised weights become numbers again. */
export interface Quantization {
  /** Weights that share a scale; null when those of a row or of the whole tensor do. */
  readonly groupSize: number | null;
  /** Whether there is a zero point: without one a weight of 0 is the number 0. */
  readonly isSymmetric: boolean;
  /** The type of the scales; null where they are part of the weights' own blocks (GGUF). */
  readonly scaleType: string | null;
}

/** A tensor as it is stored. */
export interface StoredTensor {
  readonly role: TensorRole;
  /** As the file names it: `u4`, `BF16`, `Q4_K`. */
  readonly elementType: string;
  /** What people call such weights: `INT4`; null for what is no weight. */
  readonly precision: string | null;
  readonly elements: number;
  readonly sizeBytes: number;
  /** Of quantised weights. */
  readonly quantization: Quantization | null;
  /** Of a mixture of experts: whether the tensor has a part for each expert. */
  readonly isExpert: boolean;
  /** Whether a token only looks up its row in it: the table of embeddings where the output has a matrix of its own. */
  readonly isLookup: boolean;
  /** Whether activations are multiplied with it as a matrix; null where there is no graph. */
  readonly isMultiplied: boolean | null;
}

/** A row of the census: stored tensors of the same role and type. */
export interface WeightCensusRow {
  /** What the tensors are for. */
  readonly role: TensorRole;
  /** As the file names it: `u4`, `BF16`, `Q4_K`. */
  readonly elementType: string;
  /** What people call such weights: `INT4`; null for what is no weight. */
  readonly precision: string | null;
  /** Stored tensors; those of the same content are stored once. */
  readonly tensors: number;
  /** Numbers in all of them. */
  readonly elements: number;
  /** In the file. */
  readonly sizeBytes: number;
  /** Of all bytes: 0 to 1. */
  readonly share: number;
}

/** Weights that are quantised alike. */
export interface QuantizationGroup extends Quantization {
  /** As the file names it: `u4`, `Q4_K`. */
  readonly elementType: string;
  /** What people call such weights: `INT4`; null for a type that has no such name. */
  readonly precision: string | null;
  /** Stored tensors. */
  readonly tensors: number;
  /** Weights in them. */
  readonly parameters: number;
  /** In the file, scales and zero points not counted. */
  readonly sizeBytes: number;
  /** Of all weights of the model, by number: 0 to 1. */
  readonly share: number;
}

const ROLE_ORDER: readonly TensorRole[] = ["weight", "scale", "zeroPoint", "other"];

/** The census of tensors: weights first, the most bytes first. */
export function censusOf(tensors: readonly StoredTensor[]): WeightCensusRow[] {
  const total = sum(tensors, ({ sizeBytes }) => sizeBytes);
  const rows = grouped(tensors, ({ role, elementType }) => `${role} ${elementType}`).map((group) => {
    const sizeBytes = sum(group, (tensor) => tensor.sizeBytes);
    const elements = sum(group, (tensor) => tensor.elements);
    const { role, elementType, precision } = group[0];
    const share = total === 0 ? 0 : sizeBytes / total;
    return { role, elementType, precision, tensors: group.length, elements, sizeBytes, share };
  });
  const order = ({ role }: WeightCensusRow) => ROLE_ORDER.indexOf(role);
  return rows.sort((a, b) => order(a) - order(b) || b.sizeBytes - a.sizeBytes);
}

/** The ways in which weights are quantised, the most weights first. */
export function quantizationOf(tensors: readonly StoredTensor[]): QuantizationGroup[] {
  const total = parameterCount(tensors);
  const quantized = tensors.filter(({ quantization }) => quantization !== null);
  const keyOf = ({ elementType, quantization }: StoredTensor) => JSON.stringify([elementType, quantization]);
  const groups = grouped(quantized, keyOf).flatMap((group) => {
    const { elementType, precision, quantization } = group[0];
    if (quantization === null) return [];
    const parameters = parameterCount(group);
    const sizeBytes = sum(group, (tensor) => tensor.sizeBytes);
    const share = total === 0 ? 0 : parameters / total;
    return [{ elementType, precision, ...quantization, tensors: group.length, parameters, sizeBytes, share }];
  });
  return groups.sort((a, b) => b.parameters - a.parameters);
}

/** Weights of the model: scales and zero points are none. */
export function parameterCount(tensors: readonly StoredTensor[]): number {
  return sum(tensors, ({ role, elements }) => (role === "weight" ? elements : 0));
}

/** What a token is multiplied with: not the experts that it is not sent to, nor a table in which it looks up a row. */
export function activeParameterCount(tensors: readonly StoredTensor[], activeShare: number): number {
  const active = sum(tensors, ({ role, elements, isExpert, isLookup }) =>
    role !== "weight" || isLookup ? 0 : isExpert ? elements * activeShare : elements,
  );
  return Math.round(active);
}

/** What most weights are: "INT4"; null where there are none. */
export function mainPrecision(tensors: readonly StoredTensor[]): string | null {
  const weights = tensors.filter(({ role, precision }) => role === "weight" && precision !== null);
  const groups = grouped(weights, ({ precision }) => precision ?? "");
  const most = groups.sort((a, b) => parameterCount(b) - parameterCount(a)).at(0);
  return most?.[0].precision ?? null;
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): [Item, ...Item[]][] {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function sum<Item>(items: readonly Item[], numberOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + numberOf(item), 0);
}
