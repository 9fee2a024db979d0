import { readRepositoryFile } from "../deploy/files.ts";

/** A block of commands in a page of docs/operating. */
export interface Block {
  /** Its page and the heading that it stands below, for messages. */
  readonly place: string;
  readonly heading: string;
  /** Who runs it and when: `leader`, `helper`, `both`; `folder` or `postgres`; `restore`, `empty`. */
  readonly words: readonly string[];
  readonly text: string;
}

/** The shell blocks of a page, in order. */
export function readBlocks(page: string): Block[] {
  const blocks: Block[] = [];
  let heading = "";
  let open: { words: string[]; lines: string[] } | undefined;
  for (const line of readRepositoryFile(`docs/operating/${page}`).split("\n")) {
    const fence = /^```(?:sh(?: (.*))?)?$/.exec(line);
    if (open !== undefined && line === "```") {
      const { words, lines } = open;
      blocks.push({ place: `${page}, ${heading}`, heading, words, text: lines.join("\n") });
      open = undefined;
    } else if (open !== undefined) open.lines.push(line);
    else if (line.startsWith("```sh") && fence)
      open = { words: (fence[1] ?? "").split(" "), lines: [] };
    else if (line.startsWith("## ")) heading = line.slice(3).replace(/^\d+\. /, "");
  }
  return blocks;
}
