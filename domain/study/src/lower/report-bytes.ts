import type { TaskVdaf } from "@sumus/dap";

/** Sizes of an X25519 encapsulation and of an AES-128-GCM tag, in bytes. */
const ENCAPSULATION_BYTES = 32;
const TAG_BYTES = 16;

/** Bytes of an encoded Report without extensions [DAP-18, Upload Request]. */
export function reportBytes({ publicShareSize, inputShareSizes }: TaskVdaf): number {
  const metadata = 16 + 8 + 2;
  const sealed = inputShareSizes.reduce((sum, size) => {
    const plaintext = 2 + 4 + size;
    return sum + 1 + 2 + ENCAPSULATION_BYTES + 4 + plaintext + TAG_BYTES;
  }, 0);
  return metadata + 4 + publicShareSize + sealed;
}
