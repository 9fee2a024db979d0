/**
 * Who an IP address counts as. An IPv6 household or server has at least a /64 of its own and may use
 * a new address a request, so limits go by those 64 bits.
 *
 * @module
 */
import { isIPv4, isIPv6 } from "node:net";

const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** What proxies write around an address: `[2001:db8::1]:443`, `192.0.2.1:443`. */
const BRACKETED = /^\[([^\]]*)\](?::\d{1,5})?$/;
const WITH_PORT = /^([\d.]+):\d{1,5}$/;

/**
 * The network that an address belongs to: an IPv4 address itself, the /64 of an IPv6 address; always
 * the same text for the same network.
 *
 * @returns undefined for a text that is no address, of whatever length
 */
export function networkOf(text: string): string | undefined {
  const address = (BRACKETED.exec(text) ?? WITH_PORT.exec(text))?.[1] ?? text;
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const [plain = ""] = address.split("%");
  const groups = groupsOf(plain);
  // An IPv4 address is the same one when it comes through an IPv6 socket: ::ffff:a.b.c.d.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join(".");
  }
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => group.toString(16));
  return `${network.join(":")}::/64`;
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const before = groupsOfPart(head);
  if (tail === undefined) return before;
  const after = groupsOfPart(tail);
  return [...before, ...new Array<number>(GROUPS - before.length - after.length).fill(0), ...after];
}

function groupsOfPart(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
