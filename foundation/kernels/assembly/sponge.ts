/**
 * TurboSHAKE128 [RFC 9861]: two sponges, of which one is in hand. A sponge is used from `start` to the
 * last `squeeze`, then reused.
 */
import { elementBytes, isCanonical } from "./field";
import { permute } from "./keccak";
import { permutePair } from "./keccak-pair";

const RATE: u32 = 168;
const STATE_BYTES: u32 = 200;

let state: usize = memory.data(200, 8);
let otherState: usize = memory.data(200, 8);
/** Bytes of the current block that are already absorbed, or already squeezed. */
let position: u32 = 0;
let otherPosition: u32 = 0;

/** Takes the other sponge in hand. */
export function swap(): void {
  const hand = state;
  state = otherState;
  otherState = hand;
  const handPosition = position;
  position = otherPosition;
  otherPosition = handPosition;
}

export function start(): void {
  memory.fill(state, 0, STATE_BYTES);
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
    xorInto(state + position, source, taken);
    source += taken;
    length -= taken;
    position += taken;
    if (position === RATE) {
      permute(state);
      position = 0;
    }
  }
}

/** Ends absorption with the domain byte and makes the first block of output. */
export function finish(domain: u32): void {
  const at = state + position;
  store<u8>(at, load<u8>(at) ^ (domain as u8));
  const last = state + RATE - 1;
  store<u8>(last, load<u8>(last) ^ 0x80);
  permute(state);
  position = 0;
}

export function squeeze(target: usize, length: u32): void {
  while (length > 0) {
    if (position === RATE) {
      permute(state);
      position = 0;
    }
    const room = RATE - position;
    const taken = length < room ? length : room;
    memory.copy(target, state + position, taken);
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
        permute(state);
        position = 0;
      }
      store<u64>(target + at, load<u64>(state + position));
      position += 8;
    }
    if (isCanonical<F>(target)) target += elementBytes<F>();
  }
}

/** The same, while the other sponge absorbs the elements, a block behind: so both permute at once. */
export function squeezeVectorIntoOther<F>(target: usize, count: u32): void {
  const end = target + (count as usize) * elementBytes<F>();
  let absorbed = target;
  while (target < end) {
    for (let at: usize = 0; at < elementBytes<F>(); at += 8) {
      if (position === RATE) {
        const room = RATE - otherPosition;
        if (target - absorbed >= (room as usize)) {
          xorInto(otherState + otherPosition, absorbed, room);
          absorbed += room;
          otherPosition = 0;
          permutePair(state, otherState);
        } else {
          permute(state);
        }
        position = 0;
      }
      store<u64>(target + at, load<u64>(state + position));
      position += 8;
    }
    if (isCanonical<F>(target)) target += elementBytes<F>();
  }
  swap();
  absorb(absorbed, (target - absorbed) as u32);
  swap();
}
