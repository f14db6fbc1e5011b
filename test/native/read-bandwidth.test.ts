import { expect, it } from "vitest";
import { measureReadBandwidth } from "../../lib/doctor/read-bandwidth.js";
import { openBinding } from "../../lib/native/binding.js";

const MIB = 2 ** 20;
/** No core reads that fast: only a loop that the compiler has left out would. */
const IMPOSSIBLE_BYTES_PER_SECOND = 2e12;

it("reads memory in several passes and reports the best and the median one", async () => {
  const found = await measureReadBandwidth({ threads: 2, bytes: 64 * MIB });
  expect(found).toMatchObject({ threads: 2, bytes: 64 * MIB });
  expect(found.passes).toBeGreaterThanOrEqual(3);
  expect(found.medianBytesPerSecond).toBeGreaterThan(0);
  expect(found.bestBytesPerSecond).toBeGreaterThanOrEqual(found.medianBytesPerSecond);
  expect(found.bestBytesPerSecond).toBeLessThan(IMPOSSIBLE_BYTES_PER_SECOND);
});

it("gives each thread the same whole pages", async () => {
  const { bytes } = await measureReadBandwidth({ threads: 3, bytes: 4 * MIB });
  expect(bytes % (3 * 4096)).toBe(0);
  expect(bytes).toBeGreaterThan(4 * MIB - 3 * 4096);
  expect(bytes).toBeLessThanOrEqual(4 * MIB);
});

it("leaves the event loop free", async () => {
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await measureReadBandwidth({ threads: 1, bytes: 16 * MIB });
  isDone = true;
  expect(turns).toBeGreaterThan(10);
});

it.each([
  [{ threads: 0 }, "options.threads"],
  [{ threads: 1.5 }, "options.threads"],
  [{ threads: 1025 }, "options.threads"],
  [{ bytes: MIB - 1 }, "options.bytes"],
  [{ bytes: Number.NaN }, "options.bytes"],
  [{ milliseconds: 0 }, "options.milliseconds"],
])("refuses %j", async (options, name) => {
  await expect(measureReadBandwidth(options)).rejects.toMatchObject({
    code: "ERR_OUT_OF_RANGE",
    message: expect.stringContaining(name) as unknown,
  });
});

it("fails with a code where there is not so much memory", async () => {
  await expect(measureReadBandwidth({ bytes: 2 ** 50 })).rejects.toMatchObject({
    code: "ERR_OUT_OF_MEMORY",
    message: expect.stringContaining("MiB are free") as unknown,
  });
  // More than an address can name: the kernel refuses the addon.
  const asked = openBinding().core.measureReadBandwidth({ threads: 1, bytes: 2 ** 50, milliseconds: 1 });
  await expect(asked).rejects.toThrow("bad_alloc");
});
