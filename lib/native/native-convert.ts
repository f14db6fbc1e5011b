import { NativePipeline } from "./native-pipeline.js";

/** GenAI writes the IR beside the GGUF file when it loads one with this property. */
export async function convertGgufNative(gguf: string): Promise<void> {
  const pipeline = new NativePipeline({
    path: gguf,
    device: "CPU",
    // In f32 no model meets a kernel that ends the process.
    properties: [
      ["enable_save_ov_model", "YES"],
      ["INFERENCE_PRECISION_HINT", "f32"],
    ],
    maxQueue: null,
    scheduler: null,
  });
  try {
    await pipeline.loaded;
  } finally {
    await pipeline.close();
  }
}
