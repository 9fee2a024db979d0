import { DecodeError } from "@sumus/codec";
import { VdafError } from "../vdaf-error.ts";

/** Runs a decoder; what it refuses becomes this package's error. */
export function inputErrors<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new VdafError("vdafInputError", error.message, { cause: error });
  }
}
