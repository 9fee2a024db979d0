import type { Address, Kernel } from "@sumus/kernels";

/**
 * The weights of `decode_range_checked_int` [VDAF-20, Section 7.4.2]: powers of two, but for the
 * last, which makes their sum `max`.
 */
export function rangeWeights(kernel: Kernel, max: number, bits: number): Address {
  const address = kernel.allocate(bits);
  const weights = Array.from({ length: bits - 1 }, (_, index) => 1n << BigInt(index));
  kernel.writeElements(address, [...weights, BigInt(max) - ((1n << BigInt(bits - 1)) - 1n)]);
  return address;
}
