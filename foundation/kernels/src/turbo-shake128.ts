/** TurboSHAKE128 [RFC 9861], whole messages. */
import { assert } from "@sumus/assert";
import { withPoplar1 } from "./poplar1-module.ts";

/**
 * The first `length` bytes of output for a message.
 *
 * @param domain the domain separation byte, from 1 to 127
 */
export function turboShake128(
  message: Uint8Array,
  domain: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  assert(domain >= 1 && domain <= 127, "a domain byte is from 1 to 127");
  return withPoplar1(({ ops, put, allocate, read }) => {
    ops.start();
    ops.absorb(put(message), message.length);
    ops.finish(domain);
    const to = allocate(length);
    ops.squeeze(to, length);
    return read(to, length);
  });
}
