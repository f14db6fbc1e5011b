import { describe, expect, it } from "vitest";
import { EventQueue } from "../../../lib/measure/event-queue.js";
import { Semaphore } from "../../../lib/measure/semaphore.js";

async function take(queue: EventQueue<number>): Promise<number[]> {
  const taken: number[] = [];
  for await (const event of queue.drain()) taken.push(event);
  return taken;
}

describe("EventQueue", () => {
  it("gives what was pushed before and while it is drained, in order", async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    queue.push(2);
    const taken = take(queue);
    await Promise.resolve();
    queue.push(3);
    setImmediate(() => {
      queue.push(4);
      queue.close();
    });
    expect(await taken).toEqual([1, 2, 3, 4]);
  });

  it("gives all events before the error that ends it", async () => {
    const queue = new EventQueue<number>();
    const taken: number[] = [];
    queue.push(1);
    queue.fail(new Error("It failed."));
    queue.close();
    await expect(async () => {
      for await (const event of queue.drain()) taken.push(event);
    }).rejects.toThrow("It failed.");
    expect(taken).toEqual([1]);
  });

  it("keeps events that come while the consumer is busy with one", async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    const taken: number[] = [];
    for await (const event of queue.drain()) {
      taken.push(event);
      if (event === 1) {
        queue.push(2);
        queue.close();
      }
    }
    expect(taken).toEqual([1, 2]);
  });
});

describe("Semaphore", () => {
  it("lets as many in as it has slots, the others in the order in which they came", async () => {
    const semaphore = new Semaphore(2);
    const log: string[] = [];
    const enter = (name: string) => semaphore.acquire().then(() => log.push(name));
    const all = Promise.all([enter("a"), enter("b"), enter("c"), enter("d")]);
    await new Promise(setImmediate);
    expect(log).toEqual(["a", "b"]);
    semaphore.release();
    await new Promise(setImmediate);
    expect(log).toEqual(["a", "b", "c"]);
    semaphore.release();
    await all;
    expect(log).toEqual(["a", "b", "c", "d"]);
  });

  it("keeps a place that nobody waits for", async () => {
    const semaphore = new Semaphore(1);
    await semaphore.acquire();
    semaphore.release();
    await semaphore.acquire();
    semaphore.release();
    await expect(semaphore.acquire()).resolves.toBeUndefined();
  });
});
