import { InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** Reads `5%`, `0.5 %` or `0.05` as a share from 0 to 1. */
export function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text.trim());
  const number = Number(match?.[1]);
  const share = match?.[2] === "%" ? number / 100 : number;
  if (match === null || !(share <= 1)) {
    throw new InvalidArgumentError(`Expected a share such as 5% or 0.05, got "${text}".`);
  }
  return share;
}

/** An option that takes a share, such as `--drop <share>`; help shows its default in percent. */
export function shareOption<Flags extends string>(
  flags: Flags,
  description: string,
  share: number,
): Option<Flags, undefined, number, undefined, false, number> {
  return new Option(flags, description).default(share, `${share * 100}%`).argParser(parseShare);
}
