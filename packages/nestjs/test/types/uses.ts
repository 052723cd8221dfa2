/** Correct and wrong uses of the public types. `npm run verify -- types` compiles this file; it is not run. */
import {
  CurrentTask,
  Handler,
  OrraModule,
  OrraService,
  RevertHandler,
  TaskInput,
  TaskSignal,
  type RevertSource,
  type Task,
} from '@orra-ts/nestjs';

class In {
  sku!: string;
}
class Out {
  found!: string;
}
class Other {
  other!: number;
}

@OrraService({ name: 'uses', description: 'Uses the types', application: 'billing' })
export class Uses {
  @Handler({ input: In, output: Out, takes: 'parameters', enhancers: { guards: false } })
  parameters(@TaskInput(In) input: In, @CurrentTask() task: Task<In>, @TaskSignal() signal: AbortSignal): Out {
    return { found: `${input.sku} ${task.id} ${signal.aborted}` };
  }

  @Handler({ input: In, output: Out, takes: 'input' })
  input(input: In): Out {
    return { found: input.sku };
  }

  @RevertHandler('input')
  undo({ output }: RevertSource<In, Out>): void {
    void output.found;
  }

  // @ts-expect-error the method must accept the declared input
  @Handler({ input: In, output: Out, takes: 'input' })
  wrongInput(input: Other): Out {
    return { found: String(input.other) };
  }

  // @ts-expect-error the method must return the declared output
  @Handler({ input: In, output: Out })
  wrongOutput(_: Task<In>): Other {
    return { other: 1 };
  }

  @Handler({ input: In, output: Out, takes: 'parameters' })
  // @ts-expect-error this parameter does not accept the input
  wrongParameter(@TaskInput(In) input: Other): Out {
    return { found: String(input.other) };
  }

  // @ts-expect-error pipes have no switch in Nest
  @Handler({ input: In, output: Out, enhancers: { pipes: false } })
  wrongSwitch(_: Task<In>): Out {
    return { found: '' };
  }
}

OrraModule.forRoot({ waitForEngine: '5s', retryableStatus: (status) => status === 503 });
// @ts-expect-error the services come from the container of Nest
OrraModule.forRoot({ services: [] });
// @ts-expect-error Nest owns the signals
OrraModule.forRoot({ shutdownHooks: true });
