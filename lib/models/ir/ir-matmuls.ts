import { unescapeXml } from "../files/xml-tags.js";

/** A multiplication by weights in an IR: where a LoRA adapter can take part. */
export interface MatMul {
  readonly name: string;
  /** Sizes of a row of the input and of the output; null where the second input is no matrix of a fixed size. */
  readonly sizes: { readonly input: number; readonly output: number } | null;
}

/**
 * The operations in the `.xml` text of an IR that GenAI compares with the names in an adapter: every MatMul and every
 * Convolution, those inside other operations too. None when the text is not what OpenVINO writes. It takes time in
 * proportion to the length of the text, whatever that is.
 */
export function matMulsOf(xml: string): MatMul[] {
  const found: MatMul[] = [];
  // The pieces begin with the attributes of a layer and reach to the next layer, of a body inside it perhaps.
  for (const piece of xml.split(/<layer\s/).slice(1)) {
    const attributes = piece.slice(0, Math.max(piece.indexOf("<"), 0));
    const type = /(?:^|\s)type="(MatMul|Convolution)"/.exec(attributes)?.[1];
    const name = /(?:^|\s)name="([^"]*)"/.exec(attributes)?.[1];
    if (type === undefined || name === undefined) continue;
    const [first, second] = weightShape(piece) ?? [];
    const known = first !== undefined && second !== undefined;
    const [input, output] =
      type === "MatMul" && !/\stranspose_b="(?:true|1)"/.test(piece) ? [first, second] : [second, first];
    const sizes = known && input !== undefined && output !== undefined ? { input, output } : null;
    found.push({ name: unescapeXml(name), sizes });
  }
  return found;
}

/** The two dimensions of the second input; a kernel of one point counts as a matrix. */
function weightShape(piece: string): number[] | null {
  const port = /<port id="1"[^<]*((?:<dim>-?\d{1,15}<\/dim>\s*)*)/.exec(piece)?.[1] ?? "";
  const dimensions = [...port.matchAll(/<dim>(-?\d+)/g)].map(([, dimension]) => Number(dimension));
  const [first = -1, second = -1, ...others] = dimensions;
  return first > 0 && second > 0 && others.every((dimension) => dimension === 1) ? [first, second] : null;
}
