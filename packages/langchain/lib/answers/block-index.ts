/** Which block of an answer each part belongs to. */
import type { AnswerPart } from "openvino-llm";

/** Numbers the blocks of one answer in their order: each call is one, and so is each stretch of text or reasoning. */
export class BlockIndex {
  #next = 0;
  #open: string | undefined;
  #index = -1;

  /** The number of the block that a part belongs to; parts are asked for in order, each once. */
  of(part: AnswerPart): number {
    const key = part.type === "text" || part.type === "reasoning" ? part.type : `call ${part.index}`;
    if (key !== this.#open) {
      this.#open = key;
      this.#index = this.#next;
      this.#next += 1;
    }
    return this.#index;
  }
}
