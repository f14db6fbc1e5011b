/** Finds out what a server takes: some refuse token ids, or keys that they do not know. */
import type { OptionalKey } from "../targets/server-facts.js";

/** What may be left out of a request. */
export interface RequestVariant {
  readonly prompts: "tokenIds" | "text";
  readonly leftOut: readonly OptionalKey[];
}

/** A request that came to nothing. */
export interface Refusal {
  /** The status of the answer; 0 where there was none. */
  readonly status: number;
  readonly message: string;
}

/** Statuses that a request's form can be the reason for; 200 is an error inside the stream. */
const ABOUT_THE_FORM: ReadonlySet<number> = new Set([200, 400, 415, 422, 500, 501]);

/**
 * Tries requests until one is answered. What the server's message names first is left out, and again; where it names nothing,
 * each thing alone is, else all of them. What it takes is always sent: without `ignore_eos` answers end early.
 *
 * @param first - the whole request; with text there is nothing simpler than text
 * @param keys - what may be left out
 * @param attempt - sends one; null where it was answered
 * @returns the variant that was answered, or the refusal of the whole request
 */
export async function agreeOnRequest(
  first: RequestVariant,
  keys: readonly OptionalKey[],
  attempt: (variant: RequestVariant) => Promise<Refusal | null>,
): Promise<{ readonly variant: RequestVariant } | { readonly refusal: Refusal }> {
  let variant = first;
  let refusal = await attempt(variant);
  const whole = refusal;
  while (refusal !== null && ABOUT_THE_FORM.has(refusal.status)) {
    const named = firstNamed(refusal.message, simplerThan(variant, keys));
    if (named === undefined) break;
    variant = named.variant;
    refusal = await attempt(variant);
  }
  if (refusal === null || whole === null) return { variant };
  if (!ABOUT_THE_FORM.has(refusal.status)) return { refusal };
  const simpler = simplerThan(variant, keys).map((one) => one.variant);
  for (const one of [...simpler, simplest(variant, keys)]) {
    if ((await attempt(one)) === null) return { variant: one };
  }
  return { refusal: whole };
}

interface Simpler {
  /** What a server's message would call that which is left out. */
  readonly name: string;
  readonly variant: RequestVariant;
}

/** Everything that leaves out one thing more. */
function simplerThan({ prompts, leftOut }: RequestVariant, keys: readonly OptionalKey[]): Simpler[] {
  const asText = { name: "prompt", variant: { prompts: "text", leftOut } } as const;
  const isLeft = (key: OptionalKey | undefined) => key !== undefined && leftOut.includes(key);
  const left = keys.filter((key) => !isLeft(key) && !isLeft(OTHER_LIMIT.get(key)));
  return [
    ...(prompts === "tokenIds" ? [asText] : []),
    ...left.map((key) => ({ name: key, variant: { prompts, leftOut: [...leftOut, key] } })),
  ];
}

function simplest(variant: RequestVariant, keys: readonly OptionalKey[]): RequestVariant {
  const [next] = simplerThan(variant, keys);
  return next === undefined ? variant : simplest(next.variant, keys);
}

/** Of two names one is always left: without a limit an answer has no end. */
const OTHER_LIMIT: ReadonlyMap<OptionalKey, OptionalKey> = new Map([
  ["max_completion_tokens", "max_tokens"],
  ["max_tokens", "max_completion_tokens"],
]);

/** "'max_tokens' is not supported. Use 'max_completion_tokens'": the first one is meant. */
function firstNamed(message: string, simpler: readonly Simpler[]): Simpler | undefined {
  return simpler
    .map((one) => ({ one, at: message.indexOf(one.name) }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at)[0]?.one;
}
