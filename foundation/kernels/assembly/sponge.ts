/** TurboSHAKE128 [RFC 9861]: one sponge, used from `start` to the last `squeeze`, then reused. */
import { elementBytes, isCanonical } from "./field";
import { permute } from "./keccak";

const RATE: u32 = 168;
const STATE_BYTES: u32 = 200;
const STATE: usize = memory.data(200, 8);

/** Bytes of the current block that are already absorbed, or already squeezed. */
let position: u32 = 0;

export function start(): void {
  memory.fill(STATE, 0, STATE_BYTES);
  position = 0;
}

/** XORs bytes into the state; the source may lie anywhere. */
function xorInto(target: usize, source: usize, length: u32): void {
  const words = (length >> 3) as usize;
  for (let i: usize = 0; i < words; i++) {
    const at = i << 3;
    store<u64>(target + at, load<u64>(target + at) ^ load<u64>(source + at));
  }
  for (let at = words << 3; at < (length as usize); at++) {
    store<u8>(target + at, load<u8>(target + at) ^ load<u8>(source + at));
  }
}

export function absorb(source: usize, length: u32): void {
  while (length > 0) {
    const room = RATE - position;
    const taken = length < room ? length : room;
    xorInto(STATE + position, source, taken);
    source += taken;
    length -= taken;
    position += taken;
    if (position === RATE) {
      permute(STATE);
      position = 0;
    }
  }
}

/** Ends absorption with the domain byte and makes the first block of output. */
export function finish(domain: u32): void {
  const at = STATE + position;
  store<u8>(at, load<u8>(at) ^ (domain as u8));
  const last = STATE + RATE - 1;
  store<u8>(last, load<u8>(last) ^ 0x80);
  permute(STATE);
  position = 0;
}

export function squeeze(target: usize, length: u32): void {
  while (length > 0) {
    if (position === RATE) {
      permute(STATE);
      position = 0;
    }
    const room = RATE - position;
    const taken = length < room ? length : room;
    memory.copy(target, STATE + position, taken);
    target += taken;
    length -= taken;
    position += taken;
  }
}

/**
 * `next_vec` [VDAF-20, Section 6.2]: `count` field elements by rejection sampling. Both field sizes
 * divide the rate into whole lanes, so that a lane never straddles two blocks.
 */
export function squeezeVector<F>(target: usize, count: u32): void {
  const end = target + (count as usize) * elementBytes<F>();
  while (target < end) {
    for (let at: usize = 0; at < elementBytes<F>(); at += 8) {
      if (position === RATE) {
        permute(STATE);
        position = 0;
      }
      store<u64>(target + at, load<u64>(STATE + position));
      position += 8;
    }
    if (isCanonical<F>(target)) target += elementBytes<F>();
  }
}
