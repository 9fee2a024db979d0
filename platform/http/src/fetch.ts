/** A service, a proxy, or the network itself: all the same to who calls it. */
export type Fetch = (request: Request) => Response | Promise<Response>;
