import { expect, test } from "vitest";
import { assertPlatform, currentPlatform } from "../../../lib/runtime/platform.js";

test("this machine's platform is known, and fit", () => {
  expect(currentPlatform()).toEqual({ os: "linux", arch: "x64", glibc: expect.stringMatching(/^2\.\d+$/) });
  expect(() => assertPlatform()).not.toThrow();
});

test.each(["2.34", "2.36", "2.100", "3.0"])("glibc %s is new enough", (glibc) => {
  expect(() => assertPlatform({ os: "linux", arch: "x64", glibc })).not.toThrow();
});

test.each([
  [{ os: "darwin", arch: "arm64", glibc: undefined }, "this is darwin-arm64."],
  [{ os: "win32", arch: "x64", glibc: undefined }, "this is win32-x64."],
  [{ os: "linux", arch: "arm64", glibc: "2.36" }, "this is linux-arm64 with glibc 2.36."],
  [{ os: "linux", arch: "x64", glibc: "2.31" }, "this is linux-x64 with glibc 2.31."],
  [{ os: "linux", arch: "x64", glibc: undefined }, "this is linux-x64 with a C library other than glibc."],
])("%o is refused, and the message says what it is", (platform, words) => {
  expect(() => assertPlatform(platform)).toThrow(
    expect.objectContaining({ code: "ERR_PLATFORM", message: expect.stringContaining(words) }),
  );
});
