/** Where the prebuilt libraries run. */

import { OpenVinoLlmError } from "../errors/errors.js";

/** What decides whether the libraries run here. `glibc` is undefined where the C library is another one. */
export interface Platform {
  os: string;
  arch: string;
  glibc: string | undefined;
}

/** dlopen and pthreads moved into libc.so in this version; the addon is linked to them there. */
const MINIMUM_GLIBC = "2.34";

/** A shell in such a system, with Node and the current folder. */
const CONTAINER_COMMAND =
  'docker run -it --rm --platform linux/amd64 -v "$PWD:/app" -w /app node:22-bookworm bash';

/** The platform of this process. */
export function currentPlatform(): Platform {
  // Without the network part, which looks up the names of connected hosts. @types/node 20 lacks the property.
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  const exclude = report.excludeNetwork;
  report.excludeNetwork = true;
  try {
    const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
    return { os: process.platform, arch: process.arch, glibc: header?.glibcVersionRuntime };
  } finally {
    if (exclude !== undefined) report.excludeNetwork = exclude;
  }
}

/**
 * Refuses a platform that the libraries are not built for.
 *
 * @throws OpenVinoLlmError ERR_PLATFORM
 */
export function assertPlatform(platform: Platform = currentPlatform()): void {
  const { os, arch, glibc } = platform;
  if (os === "linux" && arch === "x64" && glibc !== undefined && isAtLeast(glibc, MINIMUM_GLIBC)) return;
  const libc =
    os === "linux" ? ` with ${glibc === undefined ? "a C library other than glibc" : `glibc ${glibc}`}` : "";
  throw new OpenVinoLlmError(
    "ERR_PLATFORM",
    `Expected 64-bit Linux on x86-64 (linux-x64) with glibc ${MINIMUM_GLIBC} or newer, for example Ubuntu 22.04 or ` +
      `Debian 12, but this is ${os}-${arch}${libc}. Run in a container of such a system: ${CONTAINER_COMMAND}`,
  );
}

function isAtLeast(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [minimumMajor = 0, minimumMinor = 0] = minimum.split(".").map(Number);
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor);
}
