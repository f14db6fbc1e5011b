/** Texts as tokenizers want them that compose characters first (Unicode's NFC). */

/** Gives a text as it is to be cut into tokens. */
export type Compose = (text: string) => string;

/** For a tokenizer that composes nothing. */
export const AS_IT_IS: Compose = (text) => text;

/**
 * Composes what lies between the tokens that a text is searched for first, as Hugging Face's tokenizers do: such a
 * token stays what it is, whatever combining mark follows it.
 *
 * @param added as they are spelled
 */
export function composer(added: readonly string[]): Compose {
  const longestFirst = added.toSorted((a, b) => b.length - a.length);
  const literals = longestFirst.map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const token = literals.length === 0 ? undefined : new RegExp(`(${literals.join("|")})`, "u");
  return (text) => {
    if (token === undefined || text === text.normalize("NFC")) return text.normalize("NFC");
    const parts = text.split(token);
    return parts.map((part, index) => (index % 2 === 1 ? part : part.normalize("NFC"))).join("");
  };
}
