/** What the bench tells a client process, and what it hears back. */
import type { DapVersion } from "@sumus/dap";
import type { UploadTarget } from "./upload-load.ts";

export type ClientCommand =
  | {
      readonly kind: "make";
      readonly version: DapVersion;
      readonly taskConfiguration: Uint8Array;
      readonly measurement: number;
      /** As the nodes publish them. */
      readonly leaderHpkeConfigs: Uint8Array;
      readonly helperHpkeConfigs: Uint8Array;
      readonly reports: number;
    }
  /** Uploads what was made before, one report a request. */
  | { readonly kind: "upload"; readonly target: UploadTarget; readonly connections: number };

export type ClientAnswer =
  | { readonly ok: true; readonly cpuMs: number; readonly reports: number }
  | { readonly ok: false; readonly trouble: string };
