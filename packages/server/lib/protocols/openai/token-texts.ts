/** The texts of tokens, for log-probabilities. */
import type { ContinuousBatchingPipeline } from "openvino-llm";

/** What each token of a vocabulary is as text. */
export interface TokenTexts {
  textOf(id: number): string;
  /** Its bytes, which need be no UTF-8 by themselves. */
  bytesOf(id: number): number[];
}

const known = new WeakMap<ContinuousBatchingPipeline, Promise<TokenTexts>>();

/** Those of a model's tokens, read once. */
export function tokenTextsOf(llm: ContinuousBatchingPipeline): Promise<TokenTexts> {
  let texts = known.get(llm);
  if (texts === undefined) known.set(llm, (texts = readTexts(llm)));
  return texts;
}

async function readTexts(llm: ContinuousBatchingPipeline): Promise<TokenTexts> {
  const texts: string[] = [];
  for (const [text, id] of await llm.tokenizer.getVocab()) texts[id] = text;
  const textOf = (id: number): string => texts[id] ?? "";
  return {
    textOf,
    bytesOf: (id) => {
      const parts = textOf(id).split(/(<0x[0-9A-F]{2}>)/);
      return Array.from(Buffer.concat(parts.map(bytesOfPart)));
    },
  };
}

/** A byte that is no UTF-8 by itself is spelled `<0xNN>`. */
function bytesOfPart(part: string): Buffer {
  const isByte = /^<0x[0-9A-F]{2}>$/.test(part);
  return isByte ? Buffer.from(part.slice(3, 5), "hex") : Buffer.from(part, "utf8");
}
