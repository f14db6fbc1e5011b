/** The service as a web-standard handler, for Next.js, Hono, Deno and others. */
import type { Service } from "../service/service.js";
import type { ServiceRequest } from "../service/service-message.js";
import { tooLarge } from "./node-host.js";

/** What web-standard servers call. */
export type WebHandler = (request: Request) => Promise<Response>;

/** Statuses whose answers have no body. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);

/** @param basePath - what stands before `/v1` in the paths, as where the handler is mounted; "" for nothing */
export function createWebHandler(service: Service, basePath: string): WebHandler {
  return async (request) => {
    const gone = new AbortController();
    const signal = AbortSignal.any([request.signal, gone.signal]);
    const { status, headers, body } = await service.handle(serviceRequest(request, basePath, signal));
    if (WITHOUT_BODY.has(status)) return new Response(null, { status, headers });
    if (typeof body === "string") return new Response(body, { status, headers });
    return new Response(
      streamOf(body, () => gone.abort()),
      { status, headers },
    );
  };
}

function serviceRequest(request: Request, basePath: string, signal: AbortSignal): ServiceRequest {
  const { pathname } = new URL(request.url);
  return {
    method: request.method,
    path: pathname.startsWith(basePath) ? pathname.slice(basePath.length) : pathname,
    header: (name) => request.headers.get(name) ?? undefined,
    readBody: (maxBytes) => readBody(request, maxBytes),
    signal,
  };
}

function streamOf(body: AsyncGenerator<string, void>, leave: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await body.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel: async () => {
        leave();
        await body.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function readBody({ body }: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels what is left of the body.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
