/** The types of closed-loop.mjs, for its test. */
export const WARMUP_TOKENS: number;
export interface Answer {
  ttftMs: number;
  text: string;
  tokenIds: readonly number[];
}
/** The part of a TextGenerator that is called. */
export interface Streams {
  stream(
    input: { tokenIds: number[] },
    options: { maxNewTokens: number; ignoreEos: boolean; temperature: number },
  ): AsyncIterable<{ index: number; text: string }> & { result: Promise<{ tokenIds: readonly number[] }> };
}
export function closedLoop(
  llm: Streams,
  work: { prompts: number[][]; streams: number; newTokens: number },
): Promise<{ durationMs: number; answers: Answer[] }>;
