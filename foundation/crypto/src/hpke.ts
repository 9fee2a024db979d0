/** HPKE on this platform's backend; {@link Hpke} documents each function. */
import { backend } from "#backend";
import { createHpke, type Hpke } from "./hpke-protocol.ts";

const hpke: Hpke = createHpke(backend);

export const hpkeSuite: Hpke["suite"] = hpke.suite;
export const hpkeImportPublicKey: Hpke["importPublicKey"] = hpke.importPublicKey;
export const hpkeImportKeyPair: Hpke["importKeyPair"] = hpke.importKeyPair;
export const hpkeGenerateKeyPair: Hpke["generateKeyPair"] = hpke.generateKeyPair;
export const hpkeDeriveKeyPair: Hpke["deriveKeyPair"] = hpke.deriveKeyPair;
export const hpkeSeal: Hpke["seal"] = hpke.seal;
export const hpkeOpen: Hpke["open"] = hpke.open;
export const hpkeSetupSender: Hpke["setupSender"] = hpke.setupSender;
export const hpkeSetupRecipient: Hpke["setupRecipient"] = hpke.setupRecipient;
