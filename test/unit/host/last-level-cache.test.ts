import { expect, it } from "vitest";
import { lastLevelCacheBytes } from "../../../lib/host/last-level-cache.js";

function machine(files: Readonly<Record<string, string>>) {
  return (path: string) => files[path.replace("/sys/devices/system/cpu/", "")] ?? null;
}

it("counts each third-level cache once", () => {
  const readText = machine({
    "cpu0/cache/index3/size": "32768K\n",
    "cpu0/cache/index3/shared_cpu_list": "0-1\n",
    "cpu1/cache/index3/size": "32768K\n",
    "cpu1/cache/index3/shared_cpu_list": "0-1\n",
    "cpu2/cache/index3/size": "16384K\n",
    "cpu2/cache/index3/shared_cpu_list": "2\n",
  });
  expect(lastLevelCacheBytes(readText, ["cpu0", "cpu1", "cpu2"])).toBe(48 * 2 ** 20);
});

it("is 0 where the kernel reports no cache, or of none of that level", () => {
  expect(lastLevelCacheBytes(() => null, ["cpu0"])).toBe(0);
  expect(lastLevelCacheBytes(machine({ "cpu0/cache/index2/size": "2048K\n" }), ["cpu0"])).toBe(0);
  expect(lastLevelCacheBytes(machine({ "cpu0/cache/index3/shared_cpu_list": "0\n" }), ["cpu0"])).toBe(0);
});
