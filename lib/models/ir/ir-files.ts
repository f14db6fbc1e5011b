import { stat } from "node:fs/promises";
import { join } from "node:path";

/** What a folder must hold for GenAI to load a text model and its tokenizer from it. */
export const IR_FILES: readonly string[] = [
  "openvino_model.xml",
  "openvino_model.bin",
  "openvino_tokenizer.xml",
  "openvino_tokenizer.bin",
  "openvino_detokenizer.xml",
  "openvino_detokenizer.bin",
];

/** Those of them that make a tokenizer. */
export const TOKENIZER_FILES: readonly string[] = IR_FILES.filter(
  (file) => !file.startsWith("openvino_model"),
);

/** Those of them that a model needs which gives numbers and no text. */
export const TEXT_MODEL_FILES: readonly string[] = IR_FILES.filter(
  (file) => !file.startsWith("openvino_detokenizer"),
);

/** Those of `files` that are not in the folder, in their order; an empty `.xml` counts as missing. */
export async function missingIrFiles(dir: string, files: readonly string[] = IR_FILES): Promise<string[]> {
  const present = await Promise.all(
    files.map(async (file) => {
      const stats = await stat(join(dir, file)).catch(() => null);
      return stats !== null && stats.isFile() && (stats.size > 0 || file.endsWith(".bin"));
    }),
  );
  return files.filter((_, i) => present[i] !== true);
}
