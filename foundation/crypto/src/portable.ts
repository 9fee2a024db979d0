/** HPKE on @noble, also where `hpke.ts` has native code: for measuring what browsers run. */
import { backend } from "./backend-noble.ts";
import { createHpke, type Hpke } from "./hpke-protocol.ts";

export const portableHpke: Hpke = createHpke(backend);
