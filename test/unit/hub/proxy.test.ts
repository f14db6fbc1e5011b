import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { connect, type AddressInfo, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { networkFailure } from "../../../lib/hub/failures.js";
import { HubHttp } from "../../../lib/hub/http.js";
import { proxyFor } from "../../../lib/hub/proxy.js";
import { readHubSettings } from "../../../lib/hub/settings.js";
import { temporaryFolder } from "../../helpers/chain.js";
import { runNode } from "../../helpers/run-node.js";
import { fileURLToPath } from "node:url";
import { need, given } from "../../helpers/needs.js";

describe("the proxy", () => {
  const of = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.href ?? null;

  test.each([
    ["https://hub.example", { HTTPS_PROXY: "http://p:1" }, "http://p:1/"],
    ["https://hub.example", { https_proxy: "p:1", HTTPS_PROXY: "http://other:1" }, "http://p:1/"],
    ["https://hub.example", { HTTP_PROXY: "http://p:1" }, null],
    ["http://hub.example", { HTTP_PROXY: "http://p:1" }, "http://p:1/"],
    ["https://hub.example", { ALL_PROXY: "https://p" }, "https://p/"],
    ["https://hub.example", {}, null],
  ])("of %s with %j is %s", (url, env, proxy) => {
    expect(of(url, env)).toBe(proxy);
  });

  test.each([
    ["hub.example", true],
    [".example", true],
    ["*.example", true],
    ["example", true],
    ["other, hub.example:443", true],
    ["hub.example:8443", false],
    ["b.example", false],
    ["*", true],
    ["", false],
  ])("is left out by NO_PROXY=%s: %s", (list, isLeftOut) => {
    expect(of("https://hub.example", { HTTPS_PROXY: "http://p:1", NO_PROXY: list })).toBe(
      isLeftOut ? null : "http://p:1/",
    );
  });

  test("is left out for IPv6 addresses by NO_PROXY", () => {
    expect(of("http://[::1]:8080", { HTTP_PROXY: "http://p:1", NO_PROXY: "::1" })).toBeNull();
    expect(of("http://[::1]:8080", { HTTP_PROXY: "http://p:1", NO_PROXY: "[::1]:8080" })).toBeNull();
  });

  test.each(["socks5://p:1", "ftp://p"])("%s is refused, and its password is not shown", (proxy) => {
    const secret = proxy.replace("://", "://me:secret@");
    expect(() => of("https://hub.example", { HTTPS_PROXY: secret })).toThrow(
      expect.objectContaining({
        code: "ERR_DOWNLOAD",
        message: expect.not.stringContaining("secret") as string,
      }),
    );
  });
});

const openssl = need(
  "openssl",
  (() => {
    try {
      return execFileSync("openssl", ["version"]).length > 0;
    } catch {
      return false;
    }
  })(),
);

describe("a tunnel", { ...given(openssl) }, () => {
  const open: Server[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) server.close();
  });
  const folder = temporaryFolder();
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  if (openssl.isThere) {
    execFileSync(
      "openssl",
      [
        ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(
          " ",
        ),
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        key,
        "-out",
        certificate,
      ],
      { stdio: "ignore" },
    );
  }
  const tunnels: Array<Socket | { destroy(): unknown }> = [];
  afterAll(() => tunnels.forEach((socket) => socket.destroy()));

  async function listen(server: Server): Promise<number> {
    open.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return (server.address() as AddressInfo).port;
  }

  /** A proxy that makes tunnels, or answers every request for one with a status. */
  async function startProxy(asked: IncomingMessage[], status = 200): Promise<number> {
    const proxy = createHttp();
    proxy.on("connect", (request, client) => {
      asked.push(request);
      client.on("error", () => undefined);
      tunnels.push(client);
      if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      const [, port] = (request.url ?? "").split(":");
      const onward = connect(Number(port), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        onward.pipe(client).pipe(onward);
      });
      onward.on("error", () => client.destroy());
      tunnels.push(onward);
    });
    return listen(proxy);
  }

  async function startHub(answer: RequestListener): Promise<number> {
    return listen(createHttps({ key: readFileSync(key), cert: readFileSync(certificate) }, answer));
  }

  /** Asks the hub twice, in a process that trusts the certificate; gives what it answered, or why not. */
  async function askTwice(env: Record<string, string>): Promise<string> {
    const dist = (file: string) =>
      JSON.stringify(fileURLToPath(new URL(`../../../dist/hub/${file}`, import.meta.url)));
    const program = `
      import { HubHttp } from ${dist("http.js")};
      import { readHubSettings } from ${dist("settings.js")};
      import { text } from "node:stream/consumers";
      const http = new HubHttp(readHubSettings());
      const ask = async () => text((await http.get(new URL(http.endpoint))).body);
      for (let i = 0; i < 2; i++) console.log(await ask().catch((error) => error.code + " " + error.message));
      http[Symbol.dispose]();`;
    const none = {
      NO_PROXY: "",
      no_proxy: "",
      https_proxy: "",
      HTTPS_PROXY: "",
      NODE_EXTRA_CA_CERTS: certificate,
    };
    const { stdout, stderr } = await runNode(["--input-type=module", "-e", program], {
      env: { ...none, ...env },
    });
    expect(stderr).toBe("");
    return stdout;
  }

  test("leads to the hub through a proxy that gets the name and the password, and never the token", async () => {
    const asked: IncomingMessage[] = [];
    const hub = await startHub((request, response) => response.end(JSON.stringify(request.headers)));
    const proxy = await startProxy(asked);
    const stdout = await askTwice({
      HF_ENDPOINT: `https://localhost:${hub}`,
      HF_TOKEN: "hf_secret",
      HTTPS_PROXY: `http://me:p%40ss@127.0.0.1:${proxy}`,
    });
    const answers = stdout.trim().split("\n");
    expect(answers).toHaveLength(2);
    expect(JSON.parse(answers[0] ?? "")).toMatchObject({
      host: `localhost:${hub}`,
      authorization: "Bearer hf_secret",
    });
    // The second request goes through the same tunnel.
    expect(asked.map(({ url }) => url)).toEqual([`localhost:${hub}`]);
    expect(asked[0]?.headers["proxy-authorization"]).toBe(
      `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
    );
    expect(JSON.stringify(asked[0]?.rawHeaders)).not.toContain("secret");
  });

  test("is not left for plain http, whatever the hub says", async () => {
    const plain = await listen(createHttp((_request, response) => response.end("plain")));
    const hub = await startHub((_request, response) =>
      response.writeHead(302, { Location: `http://127.0.0.1:${plain}/` }).end(),
    );
    const stdout = await askTwice({ HF_ENDPOINT: `https://localhost:${hub}` });
    expect(stdout).toContain(
      `ERR_DOWNLOAD Expected https://localhost:${hub} to redirect to an address by https`,
    );
    expect(stdout).not.toContain("plain\n");
  });

  const failing = async (env: Record<string, string>) => {
    const settings = readHubSettings({ HF_HOME: folder, ...env });
    using http = new HubHttp(settings, env);
    const error: unknown = await http.get(new URL(settings.endpoint)).then(
      async ({ body }) => text(body),
      (reason: unknown) => reason,
    );
    return networkFailure(error, settings.endpoint, false);
  };

  test.each([407, 403, 502])(
    "that a proxy refuses with %d is an error that names the proxy",
    async (status) => {
      const proxy = await startProxy([], status);
      const env = { HF_ENDPOINT: "https://hub.example", HTTPS_PROXY: `http://127.0.0.1:${proxy}` };
      expect(await failing(env)).toMatchObject({
        code: "ERR_DOWNLOAD",
        message: expect.stringMatching(
          new RegExp(`proxy 127\\.0\\.0\\.1:${proxy} answered ${status}.*HTTPS_PROXY`),
        ),
      });
    },
  );

  test("to a hub whose certificate nobody knows is refused, with what to do", async () => {
    const hub = await startHub((_request, response) => response.end());
    expect(await failing({ HF_ENDPOINT: `https://localhost:${hub}` })).toMatchObject({
      code: "ERR_DOWNLOAD",
      message: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
  });
});
