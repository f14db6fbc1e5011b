/** Which names a body reads: a macro takes further arguments only where it names them. */
import type { Block, Signature } from "./nodes.js";

/** Whether a body, or a default, reads the names that collect what a macro has no parameter for. */
export function readsOf(parameters: Signature["parameters"], body: Block): Signature["reads"] {
  const names = new Set<string>();
  visit(body, names);
  for (const { otherwise } of parameters) visit(otherwise, names);
  const own = new Set(parameters.map(({ name }) => name));
  const reads = (name: string): boolean => names.has(name) && !own.has(name);
  return { varargs: reads("varargs"), kwargs: reads("kwargs"), caller: names.has("caller") };
}

function visit(node: unknown, names: Set<string>): void {
  if (typeof node !== "object" || node === null) return;
  if ("kind" in node && node.kind === "name" && "name" in node) names.add(String(node.name));
  for (const child of Object.values(node)) visit(child, names);
}
