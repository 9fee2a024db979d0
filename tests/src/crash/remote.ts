import { createHttpClient, type Fetch } from "@sumus/http";

/** Tries go on while processes start again. */
const http = createHttpClient({ triesMax: 40, timeoutMs: 20_000, pauseMs: 50 });

/** A node at an address as the object that tests speak to. */
export function remoteNode(url: string): { readonly fetch: Fetch } {
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const headers = Object.fromEntries(request.headers);
      const method = request.method as "GET" | "POST" | "DELETE";
      const body = method === "GET" ? {} : { body: new Uint8Array(await request.arrayBuffer()) };
      const answer = await http.send({ method, url: url + pathname, headers, ...body });
      return new Response(answer.body.length === 0 ? null : answer.body, answer);
    },
  };
}
