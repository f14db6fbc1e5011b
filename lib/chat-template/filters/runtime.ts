/** What filters and tests are given beside their value. */
import type { NamedArguments, Value } from "../python/values.js";
import type { Work } from "../work.js";

/** The rendering that runs them. */
export interface Runtime {
  readonly work: Work;
  /** @throws TemplateError */
  filter(name: string, value: Value, args: readonly Value[], named: NamedArguments): Value;
  /** @throws TemplateError */
  test(name: string, value: Value, args: readonly Value[], named: NamedArguments): boolean;
}

export type Filter = (value: Value, args: readonly Value[], named: NamedArguments, runtime: Runtime) => Value;

export type Test = (value: Value, args: readonly Value[], named: NamedArguments, runtime: Runtime) => boolean;
