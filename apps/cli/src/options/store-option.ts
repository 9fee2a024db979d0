import { Option } from "@commander-js/extra-typings";

/** `--store`: where the nodes of a town keep what they know. */
export function storeOption(): Option<
  "--store <kind>",
  undefined,
  "pglite",
  undefined,
  false,
  "pglite" | "postgres"
> {
  return new Option("--store <kind>", "where the nodes keep what they know")
    .choices(["pglite", "postgres"] as const)
    .default("pglite" as const);
}
