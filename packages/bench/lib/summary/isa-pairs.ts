import type { IsaLimit } from "openvino-llm/internal";

/** What distinguishes the variants of a model; those of a plan have it. */
interface Variant {
  readonly label: string;
  readonly model: string;
  readonly maxNumBatchedTokens: number | null;
  readonly isa?: IsaLimit | null;
}

/** Each model without a limit against itself with each limit. */
export function isaPairs(targets: readonly Variant[]): Array<{ first: string; second: string }> {
  const limited = targets.filter(({ isa = null }) => isa !== null);
  return limited.flatMap((second) => {
    const first = targets.find(
      ({ isa = null, model, maxNumBatchedTokens }) =>
        isa === null && model === second.model && maxNumBatchedTokens === second.maxNumBatchedTokens,
    );
    return first === undefined ? [] : [{ first: first.label, second: second.label }];
  });
}
