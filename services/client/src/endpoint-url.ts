/** A resource of a node. @param path from a slash on */
export function endpointUrl(node: string, path: string): string {
  return node.replace(/\/$/, "") + path;
}
