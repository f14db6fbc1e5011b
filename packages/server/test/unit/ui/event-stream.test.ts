import { expect, it } from "vitest";
import { eventData } from "../../../ui/lib/event-stream.js";

const TEXT =
  'data: {"text":"é🙂"}\n\n: a comment\n\nevent: error\ndata: a\ndata: b\n\ndata: [DONE]\n\ndata: half';

/** A body that comes in pieces of so many bytes. */
function body(bytes: number, cancelled: () => void = () => {}): ReadableStream<Uint8Array> {
  const all = new TextEncoder().encode(TEXT);
  let at = 0;
  return new ReadableStream(
    {
      pull: (controller) => {
        if (at >= all.length) return controller.close();
        controller.enqueue(all.subarray(at, (at += bytes)));
      },
      cancel: cancelled,
    },
    { highWaterMark: 0 },
  );
}

it.each([1, 2, 3, 7, 1000])("gives the data of each event, in pieces of %d bytes", async (bytes) => {
  const found: string[] = [];
  for await (const data of eventData(body(bytes))) found.push(data);
  expect(found).toEqual(['{"text":"é🙂"}', "a\nb", "[DONE]"]);
});

it("ends the request where it is left early", async () => {
  let isCancelled = false;
  for await (const data of eventData(body(1, () => void (isCancelled = true)))) {
    expect(data).toContain("é🙂");
    break;
  }
  expect(isCancelled).toBe(true);
});
