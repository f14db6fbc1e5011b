/**
 * Commands that are in packages of their own. A package is looked for from this file on, as an import is: in the
 * installation that this command belongs to, never in the working folder.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import type { Command } from "commander";

import { codeOf, OpenVinoLlmError } from "../errors/errors.js";

/** A package with commands. */
export interface Companion {
  /** The package's name. */
  readonly name: string;
  /** What it does, as the subject of a sentence. */
  readonly what: string;
  /** The command of ours that its commands stand below; "" for the program itself. */
  readonly below: "" | "models";
  /** Its commands, and what they do. */
  readonly commands: Readonly<Record<string, string>>;
}

/** The benchmark. */
export const BENCH: Companion = {
  name: "openvino-llm-bench",
  what: "The benchmark",
  below: "",
  commands: {
    bench: "measure models on this machine: time to first token, time per token, throughput, by load",
  },
};

/** The server. */
export const SERVER: Companion = {
  name: "openvino-llm-server",
  what: "The server",
  below: "",
  commands: { serve: "serve models over HTTP by OpenAI's API" },
};

/** What makes models. */
export const MODEL_TOOLS: Companion = {
  name: "openvino-llm-model-tools",
  what: "What makes models",
  below: "models",
  commands: {
    prepare: "convert and quantise a model with Optimum Intel, print its folder",
    synth: "make a model of a published one's sizes with random weights, print its folder",
  },
};

/** What a package exports as `./command`. */
interface CommandModule {
  readonly addCommands: (parent: Command) => void;
}

/**
 * Adds the commands of a package. It is loaded only where the command line asks for one of them; in its absence that
 * command says how to get it.
 *
 * @param words - the words of the command line
 */
export async function addCommandsOf(
  companion: Companion,
  program: Command,
  words: readonly string[],
): Promise<void> {
  const parent = program.commands.find((command) => command.name() === companion.below) ?? program;
  const asked = words.filter((word) => word !== "help");
  const isAsked = Object.keys(companion.commands).some((name) =>
    [companion.below, name].filter(Boolean).every((word, index) => asked[index] === word),
  );
  try {
    if (!isAsked) throw notFound(companion);
    const { addCommands } = (await importFrom(companion, "command")) as CommandModule;
    addCommands(parent);
  } catch (error) {
    if (codeOf(error) !== "ERR_PACKAGE_NOT_FOUND") throw error;
    for (const [name, description] of Object.entries(companion.commands)) {
      parent
        .command(name)
        .description(description)
        .allowUnknownOption()
        .allowExcessArguments()
        .helpOption(false)
        .action(() => {
          throw error;
        });
    }
  }
}

/**
 * Imports a module of a package; the subpath "" is the package itself.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_PACKAGE_NOT_FOUND saying how to get the package
 */
export async function importFrom(companion: Companion, subpath: string): Promise<unknown> {
  const specifier = subpath === "" ? companion.name : `${companion.name}/${subpath}`;
  try {
    return await import(specifier);
  } catch (error) {
    const isMissing =
      codeOf(error) === "ERR_MODULE_NOT_FOUND" && String(error).includes(`'${companion.name}'`);
    throw isMissing ? notFound(companion) : error;
  }
}

/**
 * The program of a package, to be run in a process of its own.
 *
 * @throws OpenVinoLlmError ERR_PACKAGE_NOT_FOUND saying how to get the package
 */
export function programOf(companion: Companion): string {
  const { name } = companion;
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  } catch (error) {
    throw codeOf(error) === "MODULE_NOT_FOUND" ? notFound(companion) : error;
  }
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: Readonly<Record<string, string>> };
  return join(dirname(manifest), bin[name] as string);
}

function notFound({ name, what }: Companion): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_PACKAGE_NOT_FOUND",
    `${what} is a package of its own, ${name}, which is not installed where openvino-llm is. Get it with: npm install ${name}`,
  );
}
