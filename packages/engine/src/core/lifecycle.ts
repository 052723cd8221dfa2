/** Whether the engine still takes commands, and the reason once it does not. */
import { type OrraError } from '@orra-ts/common';
import { engineError } from '../errors';

export class Lifecycle {
  /** The journal cannot be written. Nothing is decided any more, because it could not be stored. */
  failure: OrraError | undefined;
  private stopping: OrraError | undefined;

  /** Set once the engine refuses new work. While it stops, outcomes of services are still stored and acknowledged. */
  get stopped(): OrraError | undefined {
    return this.failure ?? this.stopping;
  }

  /** @throws OrraError `ORRA_ENGINE_STOPPING`, or why the journal cannot be written */
  throwIfStopped(): void {
    const { stopped } = this;
    if (stopped) throw stopped;
  }

  fail(error: OrraError): void {
    this.failure = error;
  }

  /** Returns the reason with which pending work ends. */
  stop(): OrraError {
    this.stopping ??= engineError('ORRA_ENGINE_STOPPING', 'the engine is stopping; retry when it runs again', {
      retryable: true,
    });
    return this.stopped ?? this.stopping;
  }
}
