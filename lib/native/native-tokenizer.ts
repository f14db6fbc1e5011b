/** The typed picture of the native tokenizer, and of the grammars that are checked against it. */

/** What an answer must be, in a form that the grammar compiler reads. */
export interface NativeGrammar {
  readonly kind: "regex" | "ebnf" | "structuralTag";
  readonly text: string;
}

/** One of a tokenizer's special tokens; null where the model has none. */
export type NativeSpecialToken = { readonly id: number; readonly text: string } | null;

/** What is known of a tokenizer. */
export interface NativeTokenizerFacts {
  /** Entries of its vocabulary; 0 where it is not known. */
  vocabSize: number;
  bos: NativeSpecialToken;
  eos: NativeSpecialToken;
  pad: NativeSpecialToken;
  /** The model's own; empty: none. */
  chatTemplate: string;
  supportsPairs: boolean;
  /** The side on which it pads by itself. */
  padsRight: boolean;
}

/** Rows of ids behind each other, and how many belong to each. */
export interface NativeRows {
  ids: Int32Array;
  lengths: Int32Array;
  /** As many as ids; only of pairs, where the tokenizer gives some. */
  typeIds?: Int32Array;
}

/** Calls are done one after the other, off the JavaScript thread. Their errors have a `code`. */
export interface NativeTokenizerHandle {
  facts(): Promise<NativeTokenizerFacts>;
  /** `seconds`: the other halves of pairs, or null. `maxLength` 0: rows are not cut. */
  encode(
    texts: readonly string[],
    seconds: readonly string[] | null,
    addSpecialTokens: boolean,
    maxLength: number,
  ): Promise<NativeRows>;
  decode(ids: Int32Array, lengths: Int32Array, skipSpecialTokens: boolean): Promise<string[]>;
  /**
   * The ids of what a chat template gave. `contentSentinel` stands behind the first character of whatever must not become a
   * special token; empty: nothing is escaped.
   */
  encodeChat(text: string, contentSentinel: string): Promise<Int32Array>;
  /** Every token in the order of the ids; bytes that are no UTF-8 as <0xNN>. */
  vocabulary(): Promise<string[]>;
  close(): Promise<void>;
}
