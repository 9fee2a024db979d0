/** Domain separation tags [VDAF-20, "The Domain Separation Tag and Binder String"]. */
import { concat } from "@sumus/bytes";
import { VdafError } from "../vdaf-error.ts";
import { CTX_BYTES_MAX, VERSION } from "../xof.ts";

export const CLASS_VDAF = 0;
export const CLASS_IDPF = 1;

/** `format_dst` and the application context. */
export function formatDst(
  algorithmClass: number,
  algorithmId: number,
  usage: number,
  ctx: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (ctx.length > CTX_BYTES_MAX) {
    throw new VdafError(
      "vdafInputError",
      `expected at most ${CTX_BYTES_MAX} bytes of ctx, got ${ctx.length}`,
    );
  }
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, algorithmClass);
  view.setUint32(2, algorithmId);
  view.setUint16(6, usage);
  return concat(head, ctx);
}
