import { attributesOf } from "../files/xml-tags.js";
import { scanTags, utf8 } from "./ir-tags.js";

/** A constant of an IR and where its bytes are. */
export interface IrConstant {
  /** OpenVINO's name in lower case, e.g. `u4`. */
  readonly elementType: string;
  /** Rows first; empty for a single number. */
  readonly shape: readonly number[];
  /** In the `.bin` file. Constants of the same content share their bytes. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** Where an input of an operation comes from. */
export interface IrSource {
  readonly operation: string;
  readonly port: number;
}

/** An operation of an IR. Dimensions that are not fixed are -1. */
export interface IrOperation {
  readonly id: string;
  /** E.g. `MatMul`; a constant is `Const`. */
  readonly type: string;
  readonly constant: IrConstant | null;
  /** By the number of the input. */
  readonly inputs: ReadonlyMap<number, IrSource>;
  readonly inputShapes: readonly (readonly number[])[];
  readonly outputs: readonly { readonly shape: readonly number[]; readonly names: readonly string[] }[];
  /** Of a variable, which keeps its value from one call to the next: its shape. */
  readonly variableShape: readonly number[] | null;
  /** Of a parameter: the element type. */
  readonly elementType: string | null;
}

/** Operations that are connected with each other: those of the model, or of a body inside one of its operations. */
export type IrBody = ReadonlyMap<string, IrOperation>;

/** An IR as a graph. */
export interface IrGraph {
  /** The model's own operations. */
  readonly main: IrBody;
  /** Those of the bodies inside `If`, `Loop` and `TensorIterator`. */
  readonly bodies: readonly IrBody[];
  /** What stands under `<rt_info>` at the end, by path: `chat_template`, `runtime_options/KV_CACHE_PRECISION`. */
  readonly info: ReadonlyMap<string, string>;
}

/**
 * Reads the `.xml` file of an IR. It takes what it knows and passes over the rest, so that a file which OpenVINO would
 * refuse may still be of use.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the file cannot be read or is no XML.
 */
export async function readIrGraph(path: string): Promise<IrGraph> {
  const reader = new GraphReader();
  await scanTags(path, (tag, text) => reader.take(tag, text));
  return reader.graph();
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

interface DraftOperation extends Mutable<IrOperation> {
  inputs: Map<number, IrSource>;
  inputShapes: number[][];
  outputs: { shape: number[]; names: string[] }[];
}

class GraphReader {
  readonly #finished: IrBody[] = [];
  /** Bodies that are open, the innermost last, each with the operation whose tags come now. */
  readonly #open: { body: Map<string, DraftOperation>; current: DraftOperation | null }[] = [];
  readonly #info = new Map<string, string>();
  /** The shape that `<dim>` tags add to. */
  #shape: number[] = [];
  #isInput = false;
  /** The elements that are open, from the model's `rt_info` on. */
  readonly #infoPath: string[] = [];

  graph(): IrGraph {
    // A file that is cut off has its main body still open.
    const bodies = [...this.#finished, ...this.#open.map(({ body }) => body).toReversed()];
    const main = bodies.pop() ?? new Map<string, IrOperation>();
    return { main, bodies, info: this.#info };
  }

  take(tag: string, text: string): void {
    const name = /^<\/?[\w.-]+/.exec(tag)?.[0] ?? "";
    const scope = this.#open.at(-1);
    switch (name) {
      case "<layers":
        this.#open.push({ body: new Map(), current: null });
        return;
      case "</edges":
        return this.#closeBody();
      case "<edges":
        if (tag.endsWith("/>")) this.#closeBody();
        return;
      case "<layer":
        if (scope !== undefined) scope.current = startOperation(tag, scope.body);
        return;
      case "<edge":
        if (scope !== undefined) connect(scope.body, attributesOf(tag));
        return;
      case "<data":
        if (scope?.current) describeOperation(scope.current, attributesOf(tag));
        return;
      case "<input":
      case "<output":
        this.#isInput = name === "<input";
        return;
      case "<port":
        return this.#startPort(scope?.current ?? null, tag);
      case "<dim":
        this.#shape.push(dimensionOf(text));
        return;
      default:
        this.#takeInfo(name, tag);
    }
  }

  #closeBody(): void {
    const scope = this.#open.pop();
    if (scope !== undefined) this.#finished.push(scope.body);
  }

  #startPort(operation: DraftOperation | null, tag: string): void {
    this.#shape = [];
    if (operation === null) return;
    if (this.#isInput) {
      operation.inputShapes.push(this.#shape);
      return;
    }
    const names = attributesOf(tag).get("names");
    operation.outputs.push({ shape: this.#shape, names: names === undefined ? [] : names.split(",") });
  }

  /** Only what stands behind the last body is about the model. */
  #takeInfo(name: string, tag: string): void {
    if (this.#open.length > 0) return;
    if (name.startsWith("</")) {
      this.#infoPath.pop();
      return;
    }
    const attributes = attributesOf(tag);
    const key = utf8(attributes.get("name") ?? name.slice(1));
    const [value, isInside] = [attributes.get("value"), this.#infoPath[0] === "rt_info"];
    if (value !== undefined && isInside) {
      this.#info.set([...this.#infoPath.slice(1), key].join("/"), utf8(value));
    }
    if (!tag.endsWith("/>") && (isInside || key === "rt_info")) this.#infoPath.push(key);
  }
}

function startOperation(tag: string, body: Map<string, DraftOperation>): DraftOperation {
  const attributes = attributesOf(tag);
  const id = utf8(attributes.get("id") ?? "");
  const operation: DraftOperation = {
    id,
    type: utf8(attributes.get("type") ?? ""),
    constant: null,
    inputs: new Map(),
    inputShapes: [],
    outputs: [],
    variableShape: null,
    elementType: null,
  };
  body.set(id, operation);
  return operation;
}

function describeOperation(operation: DraftOperation, data: ReadonlyMap<string, string>): void {
  const elementType = data.get("element_type");
  if (operation.type === "Const") {
    const [offsetBytes, sizeBytes] = [Number(data.get("offset")), Number(data.get("size"))];
    if (elementType === undefined || !Number.isSafeInteger(offsetBytes) || !Number.isSafeInteger(sizeBytes))
      return;
    const shape = shapeOf(data.get("shape") ?? "");
    operation.constant = { elementType: utf8(elementType), shape, offsetBytes, sizeBytes };
    return;
  }
  if (elementType !== undefined) operation.elementType = utf8(elementType);
  const variableShape = data.get("variable_shape");
  if (variableShape !== undefined) operation.variableShape = shapeOf(variableShape);
}

/** The edges of loops (`<back_edges>`) have no ports. */
function connect(body: Map<string, DraftOperation>, edge: ReadonlyMap<string, string>): void {
  const [from, fromPort, to, toPort] = ["from-layer", "from-port", "to-layer", "to-port"].map((key) =>
    edge.get(key),
  );
  if (from === undefined || fromPort === undefined || to === undefined || toPort === undefined) return;
  body.get(to)?.inputs.set(Number(toPort), { operation: utf8(from), port: Number(fromPort) });
}

/** `?,3,?,64` or `49152, 18, 32`; a range of sizes (`1..8`) is not fixed. */
function shapeOf(text: string): number[] {
  return text.trim() === "" ? [] : text.split(",").map(dimensionOf);
}

function dimensionOf(text: string): number {
  return /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : -1;
}
