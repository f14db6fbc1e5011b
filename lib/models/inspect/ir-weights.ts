import { elementCount, isQuantized, openVinoType } from "./element-types.js";
import type { IrBody, IrConstant, IrGraph, IrOperation } from "./ir-graph.js";
import type { Quantization, StoredTensor, TensorRole } from "./weights.js";

/**
 * The constants of an IR with what each is for. Constants that share their bytes are one tensor.
 *
 * @param experts - how many experts the model has; null when it is no mixture or nobody knows
 */
export function tensorsOf(graph: IrGraph, experts: number | null): StoredTensor[] {
  const tensors = new Map<string, StoredTensor>();
  for (const body of [graph.main, ...graph.bodies]) {
    const roles = rolesOf(body);
    const uses = usesOf(body);
    for (const { id, constant } of body.values()) {
      if (constant === null) continue;
      const key = `${constant.offsetBytes} ${constant.sizeBytes}`;
      const role = roles.get(id);
      // Scales and zero points are used with their weights.
      const tensor = tensorOf(constant, role, useOf(uses, role?.of ?? id), experts);
      const known = tensors.get(key);
      // What is a weight in one place and an output matrix in another is both: one that is multiplied with.
      if (known === undefined || isMoreThan(tensor, known)) tensors.set(key, tensor);
    }
  }
  return [...tensors.values()];
}

interface Role {
  readonly role: TensorRole;
  readonly quantization: Quantization | null;
  /** The weight that a scale or a zero point belongs to. */
  readonly of?: string;
}

function tensorOf(
  constant: IrConstant,
  role: Role | undefined,
  use: Use,
  experts: number | null,
): StoredTensor {
  const { elementType, shape, sizeBytes } = constant;
  const type = openVinoType(elementType);
  const elements = elementCount(shape);
  // A number alone is an epsilon or a factor; integers that no scale makes weights of are shapes and indexes.
  const guess = type !== null && !isQuantized(type) && elements > 1 ? "weight" : "other";
  const known: Role = role ?? { role: guess, quantization: null };
  return {
    role: known.role,
    quantization: known.quantization,
    elementType,
    precision: known.role === "weight" ? (type?.precision ?? null) : null,
    elements,
    sizeBytes,
    isExpert: experts !== null && experts > 1 && shape[0] === experts && isOfExperts(shape, use),
    isLookup: use === "lookedUp",
    isMultiplied: use === "multiplied",
  };
}

/** The router has a row for each expert, too, and is one matrix for all of them; their biases are added. */
function isOfExperts(shape: readonly number[], use: Use): boolean {
  return shape.length >= 3 || (shape.length === 2 && use !== "multiplied");
}

function isMoreThan(a: StoredTensor, b: StoredTensor): boolean {
  const rank = ({ role, isLookup }: StoredTensor) => (role === "other" ? 0 : isLookup ? 1 : 2);
  return rank(a) > rank(b);
}

/** Roles of the constants that are not plain weights, by the number of the operation. */
function rolesOf(body: IrBody): Map<string, Role> {
  const roles = new Map<string, Role>();
  for (const id of rotaryConstants(body)) roles.set(id, { role: "other", quantization: null });
  const joined = joinedRows(body);
  for (const operation of body.values()) {
    if (operation.type !== "Multiply") continue;
    const found = decompression(body, operation, 0, 1) ?? decompression(body, operation, 1, 0);
    if (found === null) continue;
    const { weight, scale, zeroPoint } = found;
    const quantization = {
      groupSize: groupSizeOf(weight.constant, joined.get(operation.id)),
      isSymmetric: zeroPoint === null,
      scaleType: scale.constant.elementType,
    };
    roles.set(weight.id, { role: "weight", quantization });
    roles.set(scale.id, { role: "scale", quantization: null, of: weight.id });
    if (zeroPoint !== null) {
      roles.set(zeroPoint.id, { role: "zeroPoint", quantization: null, of: weight.id });
    }
  }
  return roles;
}

interface ConstantOperation extends IrOperation {
  readonly constant: IrConstant;
}

interface Decompression {
  readonly weight: ConstantOperation;
  readonly scale: ConstantOperation;
  readonly zeroPoint: ConstantOperation | null;
}

/** Compressed weights are `(weight - zeroPoint) · scale`, with conversions between. */
function decompression(
  body: IrBody,
  multiply: IrOperation,
  data: number,
  factor: number,
): Decompression | null {
  const scale = withConstant(behind(body, multiply, factor));
  const source = behind(body, multiply, data);
  const isShifted = source?.type === "Subtract";
  const weight = withConstant(isShifted ? behind(body, source, 0) : source);
  const zeroPoint = isShifted ? withConstant(behind(body, source, 1)) : null;
  if (scale === null || weight === null || (isShifted && zeroPoint === null)) return null;
  const type = openVinoType(weight.constant.elementType);
  return type !== null && isQuantized(type) ? { weight, scale, zeroPoint } : null;
}

/** Weights with scales for groups are stored as [rows, groups, group size]; a reshape makes whole rows of them. */
function groupSizeOf({ shape }: IrConstant, rowLength: number | undefined): number | null {
  const [groups = 0, size = 0] = shape.slice(-2);
  return shape.length >= 3 && groups > 1 && groups * size === rowLength ? size : null;
}

/** By the operation in front of a reshape: the length of the rows behind it. */
function joinedRows(body: IrBody): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const operation of body.values()) {
    const length = operation.outputs[0]?.shape.at(-1);
    const source = operation.type === "Reshape" ? behind(body, operation, 0) : null;
    if (source !== null && length !== undefined) lengths.set(source.id, length);
  }
  return lengths;
}

/** Constants that cosine and sine are made of: frequencies of rotary embeddings, which nobody trained. */
function rotaryConstants(body: IrBody): string[] {
  const seen = new Set<string>();
  const waiting = [...body.values()].filter(({ type }) => type === "Cos" || type === "Sin");
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    for (const source of next.inputs.values()) {
      const operation = body.get(source.operation);
      if (operation !== undefined) waiting.push(operation);
    }
  }
  return [...seen];
}

/** What a constant takes part in, decompressed perhaps. */
type Use = "multiplied" | "lookedUp" | "other";

/** Constants that something is multiplied with as a matrix, and those of which rows are looked up. */
interface Uses {
  readonly multiplied: Set<string>;
  readonly lookedUp: Set<string>;
}

function usesOf(body: IrBody): Uses {
  const uses: Uses = { multiplied: new Set(), lookedUp: new Set() };
  for (const operation of body.values()) {
    if (operation.type === "Gather") addRoot(body, operation, 0, uses.lookedUp);
    if (operation.type === "MatMul") addRoot(body, operation, 1, uses.multiplied);
  }
  return uses;
}

/** A table that is both is a matrix. */
function useOf({ multiplied, lookedUp }: Uses, id: string): Use {
  if (multiplied.has(id)) return "multiplied";
  return lookedUp.has(id) ? "lookedUp" : "other";
}

const PASSED_ON: ReadonlySet<string> = new Set(["Convert", "Reshape", "Transpose", "Multiply", "Subtract"]);

/** Adds the constant that an input is, decompressed perhaps. */
function addRoot(body: IrBody, operation: IrOperation, port: number, roots: Set<string>): void {
  let next = sourceOf(body, operation, port);
  // As many steps as there are operations at most: a damaged file may go in circles.
  for (let steps = 0; next !== null && PASSED_ON.has(next.type) && steps < body.size; steps++) {
    next = sourceOf(body, next, 0);
  }
  if (next?.type === "Const") roots.add(next.id);
}

/** The operation behind an input, past conversions of its type. */
function behind(body: IrBody, operation: IrOperation, port: number): IrOperation | null {
  let next = sourceOf(body, operation, port);
  for (let steps = 0; next?.type === "Convert" && steps < body.size; steps++) next = sourceOf(body, next, 0);
  return next;
}

function sourceOf(body: IrBody, operation: IrOperation, port: number): IrOperation | null {
  const source = operation.inputs.get(port);
  return source === undefined ? null : (body.get(source.operation) ?? null);
}

function withConstant(operation: IrOperation | null): ConstantOperation | null {
  const constant = operation?.constant ?? null;
  return operation === null || constant === null ? null : { ...operation, constant };
}
