import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hubCacheDir, readHubSettings } from "../../../lib/hub/settings.js";

const HOME = "/home/somebody";

describe("the hub's cache", () => {
  test.each([
    [{}, join(HOME, ".cache/huggingface/hub")],
    [{ XDG_CACHE_HOME: "/xdg" }, "/xdg/huggingface/hub"],
    [{ HF_HOME: "/hf", XDG_CACHE_HOME: "/xdg" }, "/hf/hub"],
    [{ HF_HOME: "~/hf" }, join(HOME, "hf/hub")],
    [{ HUGGINGFACE_HUB_CACHE: "/old", HF_HOME: "/hf" }, "/old"],
    [{ HF_HUB_CACHE: "/new", HUGGINGFACE_HUB_CACHE: "/old" }, "/new"],
    [{ HF_HUB_CACHE: "" }, join(HOME, ".cache/huggingface/hub")],
  ])("with %j is %s", (env, path) => {
    expect(hubCacheDir({ HOME, ...env })).toBe(path);
  });
});

describe("the settings", () => {
  const read = (env: Record<string, string>) => readHubSettings({ HOME, ...env });

  test("without variables are the hub's own", () => {
    expect(read({})).toEqual({
      endpoint: "https://huggingface.co",
      token: null,
      isOffline: false,
      stallMs: 30_000,
      mayLink: true,
    });
  });

  test.each(["1", "ON", "yes", "True"])("HF_HUB_OFFLINE=%s is offline", (value) => {
    expect(read({ HF_HUB_OFFLINE: value }).isOffline).toBe(true);
  });

  test.each(["0", "", "off", "no"])("HF_HUB_OFFLINE=%j is not", (value) => {
    expect(read({ HF_HUB_OFFLINE: value }).isOffline).toBe(false);
  });

  test("an endpoint may have a path, and loses its last slash, its name and its password", () => {
    expect(read({ HF_ENDPOINT: "https://mirror.example/hf/" }).endpoint).toBe("https://mirror.example/hf");
    expect(read({ HF_ENDPOINT: "http://127.0.0.1:80/" }).endpoint).toBe("http://127.0.0.1");
  });

  test.each(["0", "-1", "x", "1e9"])("a time-out of %j counts as none", (value) => {
    expect(read({ HF_HUB_DOWNLOAD_TIMEOUT: value }).stallMs).toBe(30_000);
  });

  test("HF_TOKEN goes before the older variable", () => {
    expect(read({ HF_TOKEN: "a", HUGGING_FACE_HUB_TOKEN: "b" }).token).toBe("a");
    expect(read({ HUGGING_FACE_HUB_TOKEN: " b\n" }).token).toBe("b");
  });
});
