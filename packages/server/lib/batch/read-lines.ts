/** Lines of a stream, one after the other: what was not asked for yet is not read. */
import { outOfRange } from "openvino-llm/internal";

/** A line. */
export interface TextLine {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** With its line feed. */
  readonly bytes: number;
  /** Whether it ends in a line feed: the last one may not. */
  readonly isWhole: boolean;
}

const LINE_FEED = 0x0a;

/** @throws (by rejection) RangeError for a line of more bytes than that; what the stream throws */
export async function* readLines(
  stream: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<TextLine, void> {
  let number = 0;
  let pieces: Buffer[] = [];
  let pieceBytes = 0;
  const line = (last: Buffer, isWhole: boolean): TextLine => {
    const bytes = Buffer.concat([...pieces, last]);
    pieces = [];
    pieceBytes = 0;
    number++;
    return { text: bytes.toString("utf8"), number, bytes: bytes.length + (isWhole ? 1 : 0), isWhole };
  };
  for await (const chunk of stream) {
    let begin = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, begin)) {
      yield line(chunk.subarray(begin, end), true);
      begin = end + 1;
    }
    const rest = chunk.subarray(begin);
    pieces.push(rest);
    pieceBytes += rest.length;
    if (pieceBytes > maxLineBytes) {
      throw outOfRange(
        `line ${number + 1}`,
        `at most ${maxLineBytes} bytes`,
        pieceBytes,
        "Each line holds one request as JSON.",
      );
    }
  }
  if (pieceBytes > 0) yield line(Buffer.alloc(0), false);
}
