import { encodeHpkeConfigList } from "@sumus/dap/messages";
import type { Handler } from "../app.ts";
import { CONFIG_CACHE_SECONDS } from "../hpke-keys/key-life.ts";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import { messageResponse } from "./respond.ts";

/** What clients seal to [DAP-18, "HPKE Configuration Request"]. */
export function hpkeConfigHandler(keys: HpkeKeyring): Handler {
  return async () => {
    await keys.refresh();
    const response = messageResponse("hpke-config-list", encodeHpkeConfigList(keys.configs));
    response.headers.set("cache-control", `max-age=${CONFIG_CACHE_SECONDS}`);
    return response;
  };
}
