/**
 * Node's own `require`, as a file at `place` (a path or URL) has it. Not by an import of `createRequire`: webpack replaces that
 * with nothing where it cannot read the argument.
 */
export function requireAt(place: string): NodeJS.Require {
  return process.getBuiltinModule("node:module").createRequire(place);
}
