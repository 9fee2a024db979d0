import { createHttpClient, type HttpClientOptions, HttpError } from "@sumus/http";
import type { Clock } from "@sumus/time";

/** For how long what was found out about the peer counts. */
const FRESH_SECONDS = 15;
const TIMEOUT_MS = 3000;

/** Says why the peer cannot be reached, or undefined when it can be. */
export type PeerProbe = () => Promise<string | undefined>;

/** Asks the peer for what anybody may ask it, at most every {@link FRESH_SECONDS} seconds. */
export function createPeerProbe(options: {
  readonly url: string;
  readonly http: HttpClientOptions | undefined;
  readonly clock: Clock;
}): PeerProbe {
  const { url, clock } = options;
  const http = createHttpClient({ ...options.http, triesMax: 1, timeoutMs: TIMEOUT_MS });
  let latest: { readonly atSeconds: number; readonly trouble: Promise<string | undefined> };
  const ask = async (): Promise<string | undefined> => {
    try {
      const { status } = await http.send({ method: "GET", url: `${url}/hpke_config` });
      return status === 200 ? undefined : `the peer answers ${status}`;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return error.message;
    }
  };
  return () => {
    const nowSeconds = clock.nowSeconds();
    if (latest === undefined || nowSeconds - latest.atSeconds >= FRESH_SECONDS) {
      latest = { atSeconds: nowSeconds, trouble: ask() };
    }
    return latest.trouble;
  };
}
