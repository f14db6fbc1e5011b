/** Models as they lie on a hub, small and with the right names. */
import { join } from "node:path";
import { IR_FILES } from "../../lib/models/ir/ir-files.js";
import { temporaryFolder } from "./chain.js";

export const ID = "OpenVINO/tiny-int4-ov";

/** The files of a repository with OpenVINO IR, whose weights are so many bytes that no two are alike in their places. */
export function irRepository(weightsBytes = 300_000, seed = 0): Record<string, string | Buffer> {
  const files: Record<string, string | Buffer> = {};
  for (const name of IR_FILES)
    files[name] = name.endsWith(".xml") ? `<net name="${name}"></net>` : drawn(5000, seed + name.length);
  return {
    ...files,
    "openvino_model.bin": drawn(weightsBytes, seed),
    ".gitattributes": "*.bin filter=lfs",
    "README.md": "# Tiny",
    "config.json": `{"model_type": "llama", "seed": ${seed}}`,
    "generation_config.json": '{"eos_token_id": 2}',
    "tokenizer_config.json": "{}",
    "configuration_phi3.py": "raise SystemExit('this ran')",
  };
}

/** Bytes that are the same each time. */
export function drawn(bytes: number, seed: number): Buffer {
  const drawnBytes = Buffer.alloc(bytes);
  let state = seed + 1;
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    drawnBytes[at] = state >>> 24;
  }
  return drawnBytes;
}

/** What the names of files in `irRepository` are that a pull takes. */
export const TAKEN: readonly string[] = [
  "README.md",
  "config.json",
  "generation_config.json",
  ...IR_FILES,
  "tokenizer_config.json",
].toSorted((a, b) => (a < b ? -1 : 1));

/** Variables under which a hub is asked and nothing of this user is read or written. */
export function hubEnvironment(url: string, cache = join(temporaryFolder(), "hub")): Record<string, string> {
  return {
    HF_ENDPOINT: url,
    HF_HUB_CACHE: cache,
    HF_HOME: join(cache, "..", "home"),
    HF_TOKEN: "",
    HF_HUB_OFFLINE: "",
    // Whatever proxy this machine has is none to loopback.
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
    OPENVINO_LLM_CACHE: join(cache, "..", "ours"),
  };
}
