/** What a template is made of. */
import type { Value } from "../python/values.js";

/** An argument list. */
export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [name: string, value: Expression])[];
  /** `*rest` */
  readonly rest: Expression | null;
  /** `**namedRest` */
  readonly namedRest: Expression | null;
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**";
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";

export type Expression =
  | { readonly kind: "constant"; readonly value: Value }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list" | "tuple"; readonly items: readonly Expression[] }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly kind: "item"; readonly of: Expression; readonly key: Expression }
  | {
      readonly kind: "slice";
      readonly of: Expression;
      readonly bounds: readonly [Expression | null, Expression | null, Expression | null];
    }
  | { readonly kind: "call"; readonly of: Expression; readonly args: Arguments }
  | { readonly kind: "filter"; readonly of: Expression; readonly name: string; readonly args: Arguments }
  | { readonly kind: "test"; readonly of: Expression; readonly name: string; readonly args: Arguments }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "sign"; readonly sign: "+" | "-"; readonly of: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "join"; readonly parts: readonly Expression[] }
  | {
      readonly kind: "compare";
      readonly first: Expression;
      readonly others: readonly (readonly [Comparison, Expression])[];
    }
  | {
      readonly kind: "if";
      readonly test: Expression;
      readonly value: Expression;
      readonly otherwise: Expression | null;
    };

/** What can be assigned to. */
export type Target =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "tuple"; readonly targets: readonly Target[] }
  | { readonly kind: "field"; readonly namespace: string; readonly name: string };

/** What a macro, or the body of a call, is given. */
export interface Signature {
  readonly parameters: readonly { readonly name: string; readonly otherwise: Expression | null }[];
  /** Whether the body reads these names. */
  readonly reads: { readonly varargs: boolean; readonly kwargs: boolean; readonly caller: boolean };
}

/** A filter of a block: its name and its arguments. */
export interface FilterStep {
  readonly name: string;
  readonly args: Arguments;
}

export type Statement =
  | { readonly kind: "data"; readonly text: string }
  | { readonly kind: "print"; readonly value: Expression }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly test: Expression; readonly body: Block }[];
      readonly otherwise: Block;
    }
  | {
      readonly kind: "for";
      readonly target: Target;
      readonly items: Expression;
      readonly test: Expression | null;
      readonly isRecursive: boolean;
      readonly body: Block;
      readonly otherwise: Block;
    }
  | { readonly kind: "set"; readonly target: Target; readonly value: Expression }
  | {
      readonly kind: "setBlock";
      readonly target: Target;
      readonly filters: readonly FilterStep[];
      readonly body: Block;
    }
  | {
      readonly kind: "with";
      readonly values: readonly (readonly [Target, Expression])[];
      readonly body: Block;
    }
  | { readonly kind: "macro"; readonly name: string; readonly signature: Signature; readonly body: Block }
  | {
      readonly kind: "callBlock";
      readonly call: Expression & { readonly kind: "call" };
      readonly signature: Signature;
      readonly body: Block;
    }
  | { readonly kind: "filterBlock"; readonly filters: readonly FilterStep[]; readonly body: Block }
  | { readonly kind: "scope"; readonly body: Block }
  | { readonly kind: "break" | "continue" };

export type Block = readonly Statement[];
