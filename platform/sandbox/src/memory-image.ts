/**
 * A copy of an instance's memory at one moment. With the one value that lies outside of it (the
 * stack pointer, which is the same whenever no call is under way) it is all of the instance's
 * state, so restoring it undoes everything that happened since.
 */

const PAGE_BYTES = 64 << 10;

export interface MemoryImage {
  readonly length: number;
  /** Those pages that hold anything but zeros. */
  readonly pages: readonly { readonly start: number; readonly bytes: Uint8Array }[];
}

export function saveImage(memory: Uint8Array): MemoryImage {
  const pages: { start: number; bytes: Uint8Array }[] = [];
  for (let start = 0; start < memory.length; start += PAGE_BYTES) {
    const bytes = memory.subarray(start, start + PAGE_BYTES);
    if (!isZero(bytes)) pages.push({ start, bytes: bytes.slice() });
  }
  return { length: memory.length, pages };
}

/** @param memory at least as long as the image; what is beyond it becomes zero */
export function restoreImage(memory: Uint8Array, image: MemoryImage): void {
  memory.fill(0);
  for (const { start, bytes } of image.pages) memory.set(bytes, start);
}

function isZero(page: Uint8Array): boolean {
  const words = new Int32Array(page.buffer, page.byteOffset, page.length / 4);
  for (const word of words) if (word !== 0) return false;
  return true;
}
