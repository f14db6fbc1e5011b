import type { Arguments, Expression } from "./nodes.js";
import type { TokenReader } from "./token-reader.js";

export const NO_ARGUMENTS: Arguments = { positional: [], named: [], rest: null, namedRest: null };

/** `(a, name=b, *rest, **namedRest)`. @throws TemplateError */
export function parseArguments(tokens: TokenReader, expression: () => Expression): Arguments {
  tokens.expectOperator("(");
  const positional: Expression[] = [];
  const named: (readonly [string, Expression])[] = [];
  let rest: Expression | null = null;
  let namedRest: Expression | null = null;
  tokens.listed(")", () => {
    const { current, following } = tokens;
    if (namedRest !== null) throw tokens.fault("an argument stands behind **");
    if (tokens.skipOperator("**")) namedRest = expression();
    else if (tokens.skipOperator("*")) {
      if (rest !== null) throw tokens.fault("there are two *");
      rest = expression();
    } else if (current.type === "name" && following.type === "operator" && following.text === "=") {
      tokens.next();
      tokens.next();
      named.push([current.text, expression()]);
    } else {
      if (named.length > 0 || rest !== null)
        throw tokens.fault("an argument without a name stands behind one");
      positional.push(expression());
    }
  });
  return { positional, named, rest, namedRest };
}
