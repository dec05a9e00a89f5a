/**
 * Holds a name until the page goes.
 * @param waitMs how long to wait for whoever has it
 * @returns false when another tab has it
 */
export type Claim = (name: string, waitMs?: number) => Promise<boolean>;

/** A Web Lock that is never let go: the browser does so when the tab is closed or reloaded. */
export const claimLock: Claim = (name, waitMs) =>
  new Promise((resolve, reject) => {
    navigator.locks
      .request(name, waitMs ? { signal: AbortSignal.timeout(waitMs) } : { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock ? new Promise<never>(() => {}) : undefined;
      })
      .catch((thrown: unknown) => (thrown instanceof DOMException && waitMs ? resolve(false) : reject(thrown)));
  });
