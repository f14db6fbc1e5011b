import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { ALPHABET, chainModel, temporaryFolder } from "../../../../test/helpers/chain.js";
import { FakeHub } from "../../../../test/helpers/fake-hub.js";
import { hubEnvironment } from "../../../../test/helpers/hub-model.js";
import { ServeCommand } from "../helpers/serve-command.js";

const LIBRARY_MAIN = fileURLToPath(new URL("../../../../dist/cli/main.js", import.meta.url));

let model: string;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 });
});

function complete(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/v1/completions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ prompt: "a", max_tokens: 3, ...body }),
  });
}

it("takes OpenVINO Model Server's arguments as they are", async () => {
  const repository = temporaryFolder();
  await mkdir(join(repository, "OpenVINO"));
  await symlink(model, join(repository, "OpenVINO", "gpt-oss.gguf"));
  const args = `--source_model OpenVINO/gpt-oss.gguf --tool_parser gptoss --reasoning_parser gptoss --model_repository_path ${repository} --model_name gpt-oss --task text_generation --rest_port 0 --target_device CPU --cache_size 0 --max_num_seqs 3 --enable_prefix_caching false --dynamic_split_fuse true`;
  await using server = new ServeCommand(args.split(" "));
  expect(await server.ready()).toMatch(
    /^Ready at http:\/\/127\.0\.0\.1:\d+: gpt-oss \(CPU, context 100000, 3 at once\)$/,
  );
  expect((await complete(await server.url(), { model: "gpt-oss" })).status).toBe(200);
  expect((await complete(await server.url(), { model: "chain" })).status).toBe(404);
  expect((await fetch(await server.url())).headers.get("content-type")).toMatch("text/html");
});

it("pulls a source that is not here, and serves it by its name on the hub", async () => {
  await using hub = await FakeHub.start();
  hub.commit("me/chain-GGUF", { "chain-F16.gguf": await readFile(model) });
  const args = ["--source_model", "me/chain-GGUF:F16", "--rest_port", "0", "--no-ui"];
  await using server = new ServeCommand(args, hubEnvironment(hub.url));
  expect(await server.ready()).toMatch(/^Ready at /);
  expect((await complete(await server.url(), {})).status).toBe(200);
  expect((await fetch(await server.url())).status).toBe(404);
  expect(server.stderr).toContain("downloading the model");
});

it("says what to do about a source that nobody has", async () => {
  await using hub = await FakeHub.start();
  const args = ["--source_model", "me/nothing", "--rest_port", "0"];
  await using server = new ServeCommand(args, hubEnvironment(hub.url));
  expect(await server.ended()).toEqual([1, null]);
  expect(server.stderr).toContain("me/nothing");
});

it("serves what a config file says, flags first, and asks for the keys of its file", async () => {
  const folder = temporaryFolder();
  const [config, keys] = [join(folder, "server.json"), join(folder, "keys")];
  await writeFile(keys, "first\n\nsecond\n");
  await writeFile(
    config,
    JSON.stringify({
      port: 1,
      apiKeyFile: keys,
      ui: false,
      models: [
        { name: "one", model, maxQueue: 5, load: { scheduler: { maxNumSeqs: 2 } } },
        { name: "two", model, load: { scheduler: { enablePrefixCaching: false } } },
        { name: "guessing", model, load: { promptLookup: true } },
      ],
    }),
  );
  await using server = new ServeCommand(["serve", "--config", config, "--port", "0"], {}, [LIBRARY_MAIN]);
  expect(await server.ready()).toMatch(
    /: one \(CPU, context 100000, 2 at once, prefix caching\); two \(CPU, context 100000, 256 at once\); guessing \(CPU, context 100000, 256 at once\)$/,
  );
  const url = await server.url();
  expect((await complete(url, { model: "one" })).status).toBe(401);
  expect((await fetch(url, { headers: { "x-api-key": "first" } })).status).toBe(404);
  for (const name of ["one", "two"]) {
    expect((await complete(url, { model: name }, { authorization: "Bearer second" })).status).toBe(200);
  }
  expect(
    server.stderr
      .split("\n")
      .filter(Boolean)
      .every((line) => JSON.parse(line) !== null),
  ).toBe(true);
  expect(server.stderr).not.toContain("second");
});

it.each([
  [["/no/such/model"], 1, "ERR_MODEL_NOT_FOUND"],
  [["a", "b", "--model-name", "x"], 2, "--model-name"],
  [["--rest_port", "1", "--port", "2"], 2, "--rest_port"],
  [["--config", "/no/such/file"], 1, "ENOENT"],
  [["--enable_prefix_caching", "maybe"], 2, "true or false"],
  [["--port", "70000"], 2, "port"],
])("%j ends with exit code %d and says why", async (args, code, words) => {
  await using server = new ServeCommand(args);
  expect(await server.ended()).toEqual([code, null]);
  expect(server.stderr).toContain(words);
  expect(server.stderr).not.toContain("This is a defect");
});
