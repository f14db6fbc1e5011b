import { describe, expect, it } from "vitest";
import { resolveHttpOptions, type HttpOptions } from "../../../lib/plan/http-options.js";
import { endpointUrl, serverRoot } from "../../../lib/plan/server-url.js";

const resolved = (options: HttpOptions) => resolveHttpOptions(options, "options.http");

describe("resolveHttpOptions", () => {
  it.each([
    ["http://127.0.0.1:8000", "http://127.0.0.1:8000/v1", "completions"],
    ["http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1", "completions"],
    ["https://host/v1", "https://host/v1", "completions"],
    ["http://host:8000/v3/", "http://host:8000/v3", "completions"],
    ["http://host/some/path", "http://host/some/path/v1", "completions"],
    ["http://host/v3/chat/completions", "http://host/v3", "chat"],
    ["http://host/v1/completions/", "http://host/v1", "completions"],
    ["http://host/proxy/chat/completions", "http://host/proxy", "chat"],
    ["http://[::1]:8000", "http://[::1]:8000/v1", "completions"],
  ])("takes %s as %s and %s", (url, base, endpoint) => {
    expect(resolved({ url })).toEqual({ url: base, endpoint, servedModelName: null, inProcess: false });
  });

  it("takes every option, and the endpoint that the URL has", () => {
    const options = { url: "http://host", endpoint: "chat", servedModelName: "m", inProcess: true } as const;
    expect(resolved(options)).toEqual({ ...options, url: "http://host/v1" });
    expect(resolved({ url: "http://host/v1/chat/completions", endpoint: "chat" }).endpoint).toBe("chat");
  });

  it.each<[HttpOptions, string]>([
    [{ url: "127.0.0.1:8000" }, "a URL such as http://127.0.0.1:8000 for options.http.url"],
    [{ url: "ftp://host" }, "options.http.url"],
    [{ url: 5 as unknown as string }, "options.http.url but received 5"],
    [{} as HttpOptions, "options.http.url but received undefined"],
    [
      { url: "http://host", endpoint: "responses" as "chat" },
      '"completions" or "chat" for options.http.endpoint',
    ],
    [{ url: "http://host/v1/completions", endpoint: "chat" }, '"completions" as in the URL'],
    [{ url: "http://host", inProcess: 1 as unknown as boolean }, "options.http.inProcess"],
    [{ url: "http://host", servedModelName: "" }, "options.http.servedModelName"],
    [{ url: "http://host", model: "m" } as HttpOptions, "a known option"],
  ])("refuses %j", (options, message) => {
    expect(() => resolved(options)).toThrow(message);
  });

  it.each(["http://me:secret@host", "http://host/v1?key=secret", "http://host#secret"])(
    "refuses what may be a secret in the URL, and does not repeat it: %s",
    (url) => {
      expect(() => resolved({ url })).toThrow("without user, password, query and fragment");
      expect(() => resolved({ url })).not.toThrow("secret");
    },
  );
});

it("finds endpoints below the version, and what a server says of itself above it", () => {
  expect(endpointUrl("http://host/v1", "chat")).toBe("http://host/v1/chat/completions");
  expect(endpointUrl("http://host/v3", "completions")).toBe("http://host/v3/completions");
  expect([serverRoot("http://host/v1"), serverRoot("http://host/proxy")]).toEqual([
    "http://host",
    "http://host/proxy",
  ]);
});
