/** Collects what nobody holds; finalizers run in a task after the collection that found their object. Needs --expose-gc. */
export async function collectGarbage() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
