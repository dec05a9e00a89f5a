/**
 * Lets messages in (a cancel among them): the CPU provider keeps its thread busy from one run of a network to the next.
 */
const yieldToEventLoop = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/**
 * To be awaited between two pieces of work. @throws the signal's reason, an EaselError `aborted`, where they were
 * cancelled.
 */
export async function stopIfCancelled(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return;
  await yieldToEventLoop();
  signal.throwIfAborted();
}
