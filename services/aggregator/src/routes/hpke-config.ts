import type { HpkeKeys } from "@sumus/dap";
import { encodeHpkeConfigList } from "@sumus/dap/messages";
import type { Handler } from "../app.ts";
import { messageResponse } from "./respond.ts";

/** Keys change seldom, and old ones are accepted long after. */
const CACHE_SECONDS = 86_400;

export function hpkeConfigHandler(keys: HpkeKeys): Handler {
  const body = encodeHpkeConfigList(keys.configs);
  return () => {
    const response = messageResponse("hpke-config-list", body);
    response.headers.set("cache-control", `max-age=${CACHE_SECONDS}`);
    return Promise.resolve(response);
  };
}
