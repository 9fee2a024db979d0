/** Who sent a request, as far as the socket tells. */
export interface Sender {
  /** Its IP address; of a proxy when one stands in front. */
  readonly address: string;
}

/** A service, a proxy, or the network itself: all the same to who calls it. */
export type Fetch = (request: Request, sender?: Sender) => Response | Promise<Response>;
