/** An output of an operation: where it comes from, its element type (OpenVINO's name, e.g. `i32`) and its extents. */
export interface Output {
  readonly layer: number;
  readonly port: number;
  readonly type: string;
  /** -1 for an extent that is known at run time only. */
  readonly shape: readonly number[];
}

/** What an operation gives: element type and extents, and the name by which a result is asked for. */
export interface OutputKind {
  readonly type: string;
  readonly shape: readonly number[];
  readonly name?: string;
}

/** Texts as OpenVINO Tokenizers takes a table of them: where each begins and ends, and the bytes of all. */
export type TextTable = readonly [begins: Output, ends: Output, bytes: Output];

/** A one-dimensional output whose extent is known at run time. */
export const LIST = [-1] as const;

/** Writes OpenVINO IR (version 11), operation by operation: the text of the `.xml` file and the bytes of the `.bin`. */
export class IrWriter {
  readonly #name: string;
  readonly #layers: string[] = [];
  readonly #edges: string[] = [];
  readonly #constants: Buffer[] = [];
  #sizeBytes = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Adds an operation.
   *
   * @param type what it does, e.g. `BPETokenizer`
   * @param version the set of operations that it is of: `opset1`, or `extension` for OpenVINO Tokenizers
   */
  add(
    type: string,
    version: string,
    attributes: Readonly<Record<string, string>>,
    inputs: readonly Output[],
    kinds: readonly OutputKind[],
  ): Output[] {
    const layer = this.#layers.length;
    inputs.forEach(({ layer: from, port }, to) => {
      this.#edges.push(
        `<edge from-layer="${from}" from-port="${port}" to-layer="${layer}" to-port="${to}" />`,
      );
    });
    const outputs = kinds.map(({ type: element, shape }, index) => {
      return { layer, port: inputs.length + index, type: element, shape };
    });
    const names = kinds.map(({ name }) => (name === undefined ? "" : ` names="${escaped(name)}"`));
    this.#layers.push(
      `<layer id="${layer}" name="${type}_${layer}" type="${type}" version="${version}">`,
      ...(Object.keys(attributes).length === 0 ? [] : [`<data${attributesText(attributes)} />`]),
      ...group(
        "input",
        inputs.map((input, port) => portText({ ...input, port }, "")),
      ),
      ...group(
        "output",
        outputs.map((output, index) => portText(output, names[index] ?? "")),
      ),
      "</layer>",
    );
    return outputs;
  }

  /** Adds a constant of one dimension, or a scalar. */
  constant(type: "i32" | "u8", data: readonly number[] | Uint8Array | number): Output {
    const values = typeof data === "number" ? [data] : data;
    const shape = typeof data === "number" ? [] : [values.length];
    const bytes = type === "i32" ? Buffer.from(Int32Array.from(values).buffer) : Buffer.from(values);
    const attributes = {
      element_type: type,
      shape: shape.join(","),
      offset: `${this.#sizeBytes}`,
      size: `${bytes.length}`,
    };
    this.#constants.push(bytes);
    this.#sizeBytes += bytes.length;
    const [output] = this.add("Const", "opset1", attributes, [], [{ type, shape }]);
    if (output === undefined) throw new Error("Expected a constant to have an output but it has none.");
    return output;
  }

  /** Adds a table of texts. */
  texts(texts: readonly Uint8Array[]): TextTable {
    const ends: number[] = [];
    let end = 0;
    for (const { length } of texts) ends.push((end += length));
    const begins = texts.map(({ length }, index) => (ends[index] ?? 0) - length);
    return [
      this.constant("i32", begins),
      this.constant("i32", ends),
      this.constant("u8", Buffer.concat(texts)),
    ];
  }

  /** Adds a result of the model; it has the name that its output was given. */
  result(output: Output): void {
    this.add("Result", "opset1", {}, [output], []);
  }

  /** @param runtimeInfo the `<rt_info>` element, as OpenVINO writes it: what is said of the model beside its graph */
  finish(runtimeInfo: string): { xml: string; bin: Buffer } {
    const xml = [
      '<?xml version="1.0"?>',
      `<net name="${this.#name}" version="11">`,
      "<layers>",
      ...this.#layers,
      "</layers>",
      "<edges>",
      ...this.#edges,
      "</edges>",
      runtimeInfo,
      "</net>",
      "",
    ];
    return { xml: xml.join("\n"), bin: Buffer.concat(this.#constants) };
  }
}

function attributesText(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join("");
}

function group(name: string, ports: readonly string[]): string[] {
  return ports.length === 0 ? [] : [`<${name}>`, ...ports, `</${name}>`];
}

function portText({ port, type, shape }: Pick<Output, "port" | "type" | "shape">, names: string): string {
  const precision = type === "boolean" ? "BOOL" : type.toUpperCase();
  const extents = shape.map((extent) => `<dim>${extent}</dim>`).join("");
  return `<port id="${port}" precision="${precision}"${names}>${extents}</port>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
