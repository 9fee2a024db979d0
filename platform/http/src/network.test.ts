import fc from "fast-check";
import { expect, test } from "vitest";
import { networkOf } from "./index.ts";

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["192.0.2.1:50000", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::ffff:c000:201", "192.0.2.1"],
  ["::1", "0:0:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:1:2::", "2001:db8:1:2::/64"],
  ["[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"],
  ["[2001:db8:1:2::9]", "2001:db8:1:2::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
])("%s is of %s", (address, network) => expect(networkOf(address)).toBe(network));

test.each([
  "",
  "unknown",
  "_hidden",
  "192.0.2",
  "1.2.3.4, 5.6.7.8",
  "2001:db8:::1",
  "x".repeat(20_000),
])("%.20s is no address", (text) => expect(networkOf(text)).toBeUndefined());

test("whoever changes the last 64 bits stays who he is", () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
  const half = fc.tuple(group, group, group, group);
  fc.assert(
    fc.property(half, half, half, (network, one, other) => {
      const of = (host: readonly string[]) => networkOf([...network, ...host].join(":"));
      fc.pre(network.some((part) => part !== "0"));
      expect(of(one)).toBe(of(other));
      expect(of(one)).toBe(`${network.join(":")}::/64`);
    }),
  );
});
