/** Chromium's Launch Handler API, which TypeScript's DOM types lack: files that the system opens with the page. */
interface LaunchParams {
  readonly files: readonly FileSystemHandle[];
}
interface Window {
  readonly launchQueue?: { setConsumer(consumer: (params: LaunchParams) => void): void };
}
