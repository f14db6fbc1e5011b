/** IR files by hand, for what no exporter at hand would write. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder } from "./chain.js";

/** An output of an operation in an {@link IrText}. */
export type Output = string;

/** Writes operations, constants and edges of an IR. Only what is read of an IR is written. */
export class IrText {
  readonly #layers: string[] = [];
  readonly #edges: string[] = [];
  #offset = 0;

  /** A constant of zeros; `at` shares the bytes of an earlier one. */
  constant(elementType: string, shape: readonly number[], bits: number, at: number | null = null): Output {
    const size = Math.ceil((shape.reduce((product, length) => product * length, 1) * bits) / 8);
    const offset = at ?? this.#offset;
    if (at === null) this.#offset += size;
    const data = `element_type="${elementType}" shape="${shape.join(", ")}" offset="${offset}" size="${size}"`;
    return this.operation("Const", [], shape, data);
  }

  operation(type: string, inputs: readonly Output[], shape: readonly number[], data = "", body = ""): Output {
    const id = this.#layers.length;
    const dims = (lengths: readonly number[]) => lengths.map((length) => `<dim>${length}</dim>`).join("");
    const ports = inputs.map((from, port) => {
      const [layer] = from.split(" ");
      this.#edges.push(`<edge from-layer="${layer}" from-port="9" to-layer="${id}" to-port="${port}" />`);
      return `<port id="${port}">${dims(shapeOf(from))}</port>`;
    });
    this.#layers.push(
      `<layer id="${id}" name="op ${id}" type="${type}" version="opset1">${data === "" ? "" : `<data ${data} />`}` +
        `<input>${ports.join("")}</input><output><port id="9">${dims(shape)}</port></output>${body}</layer>`,
    );
    return `${id} ${shape.join(",")}`;
  }

  /** Weights that are decompressed: `(weights - zero points) · scales`, then joined to rows. */
  decompressed(
    weights: Output,
    zeroPoints: Output | null,
    scales: Output,
    rows: readonly number[] | null,
  ): Output {
    const shape = shapeOf(weights);
    const shifted =
      zeroPoints === null
        ? this.operation("Convert", [weights], shape)
        : this.operation(
            "Subtract",
            [
              this.operation("Convert", [weights], shape),
              this.operation("Convert", [zeroPoints], shapeOf(zeroPoints)),
            ],
            shape,
          );
    const scaled = this.operation("Multiply", [shifted, scales], shape);
    return rows === null ? scaled : this.operation("Reshape", [scaled], rows);
  }

  text(info = ""): string {
    const body = `<layers>${this.#layers.join("\n")}</layers><edges>${this.#edges.join("")}</edges>`;
    return `<?xml version="1.0"?>\n<net name="Model0" version="11">${body}<rt_info>${info}</rt_info></net>`;
  }

  /** The parts of a body inside an operation. */
  body(): string {
    return `<body><layers>${this.#layers.join("")}</layers><edges>${this.#edges.join("")}</edges></body>`;
  }
}

function shapeOf(output: Output): number[] {
  const text = output.split(" ")[1] ?? "";
  return text === "" ? [] : text.split(",").map(Number);
}

/** Writes an `.xml` file into a new folder and gives its path. */
export function irFile(text: string, name = "openvino_model.xml"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}
