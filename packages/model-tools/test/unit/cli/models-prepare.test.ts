import { PassThrough } from "node:stream";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { PrepareDisplay, registerModelsPrepare } from "../../../lib/cli/models-prepare.js";
import { EXPORT_OPTIONS } from "../../../lib/prepare/export-options.js";

/** A stream that keeps what is written to it, with or without a terminal behind it. */
function output(isTTY: boolean): { out: NodeJS.WriteStream; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 60 });
  let text = "";
  stream.on("data", (piece: Buffer) => (text += piece.toString()));
  return { out: stream as unknown as NodeJS.WriteStream, text: () => text };
}

function show(display: PrepareDisplay): void {
  display.show({
    type: "needs",
    diskBytes: 5e8,
    freeDiskBytes: 2e10,
    memoryBytes: 2e9,
    freeMemoryBytes: 2e10,
  });
  display.show({ type: "phase", phase: "quantise" });
  display.show({ type: "log", line: "a \u001b[31mtool\u001b[0m speaks" });
  display.show({ type: "progress", label: "Applying AWQ", fraction: 0.359 });
  display.show({ type: "phase", phase: "quantise" });
  display.end();
}

describe("the display of a preparation", () => {
  test("is one line for each part where there is no terminal", () => {
    const { out, text } = output(false);
    show(new PrepareDisplay(false, out));
    expect(text()).toBe(
      "Needs about 500 MB of disk (20.0 GB free) and 2.00 GB of memory (20.0 GB free)\nQuantising the weights\n",
    );
  });

  test("adds what the tools say, without what could command a terminal, when it is asked to", () => {
    const { out, text } = output(false);
    show(new PrepareDisplay(true, out));
    expect(text()).toContain("\n  a [31mtool[0m speaks\n");
  });

  test("says whom it waits for", () => {
    const { out, text } = output(false);
    const display = new PrepareDisplay(false, out);
    display.show({ type: "phase", phase: "wait", holder: { pid: 12, host: "host-of-it" } });
    display.end();
    expect(text()).toBe("Waiting for another process that makes the same (process 12 on host-of-it)\n");
  });

  test("draws one line again and again on a terminal, and leaves the parts with their seconds", () => {
    const { out, text } = output(true);
    show(new PrepareDisplay(false, out));
    expect(text()).toContain("\r\u001b[KQuantising the weights  Applying AWQ 35 %  0 s");
    expect(text().endsWith("\r\u001b[KQuantising the weights: 0 s\n")).toBe(true);
  });
});

test("every option of the exporter is a flag", () => {
  const models = new Command("models");
  registerModelsPrepare(models);
  const flags = models.commands[0]?.options.map(({ long }) => long) ?? [];
  for (const { flag } of EXPORT_OPTIONS) expect(flags).toContain(flag.replaceAll("_", "-"));
  expect(flags).toEqual(
    expect.arrayContaining(["--preset", "--out", "--name", "--force", "--verbose", "--overwrite"]),
  );
});

describe("--for-this-cpu", () => {
  async function refusalOf(...args: string[]): Promise<string> {
    const models = new Command("models").exitOverride();
    registerModelsPrepare(models);
    let stderr = "";
    models.commands[0]?.exitOverride().configureOutput({ writeErr: (text) => (stderr += text) });
    await models.parseAsync(["prepare", ...args], { from: "user" }).catch((error: Error) => {
      stderr ||= error.message;
    });
    return stderr;
  }

  test.each(["--weight-format int8", "--preset phi-4-mini-int4", "--awq", "--name mine"])(
    "makes every format, so it does not go with %s",
    async (other) => {
      const stderr = await refusalOf("./source", "--for-this-cpu", ...other.split(" "));
      expect(stderr).toMatch(/'--for-this-cpu' cannot be used with option/);
    },
  );

  test("a budget is one of measuring", async () => {
    expect(await refusalOf("./source", "--budget", "10m")).toMatch(/no value without --for-this-cpu/);
    expect(await refusalOf("./source", "--for-this-cpu", "--budget", "10")).toMatch(/90s, 10m or 1h/);
  });

  test("needs a source", async () => {
    expect(await refusalOf("--for-this-cpu")).toMatch(/source/);
  });
});
