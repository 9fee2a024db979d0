/**
 * Runs `stop` once, on SIGINT or SIGTERM, and ends the process when it is done. A second signal
 * ends it at once: everything that was acknowledged is durable anyway.
 *
 * @param onError hears why `stop` failed before the process ends with status 1
 */
export function stopOnSignal(stop: () => Promise<void>, onError: (error: unknown) => void): void {
  let stopping = false;
  const handle = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        onError(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", handle);
  process.on("SIGTERM", handle);
}
