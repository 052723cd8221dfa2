/** The model that plans: the model of the `LLM_…` variables, or a scripted one without them. */
import { type ModelOptions, modelFromEnv } from '@orra-ts/engine';
import { FakeModel } from '@orra-ts/fakes';
import { scriptedModel } from './scripted-model';

export interface PlanningModel {
  /** Options for the engine. */
  readonly options: ModelOptions;
  /** Description for the output of the demo. */
  readonly about: string;
  close(): Promise<void>;
}

/** @throws OrraError `ORRA_INVALID_OPTION` if an `LLM_…` variable is invalid */
export async function startPlanningModel(): Promise<PlanningModel> {
  const options = modelFromEnv();
  if (options) {
    const { model, baseUrl = 'the endpoint of OpenAI' } = options;
    return { options, about: `${model}, at ${baseUrl}`, close: async () => undefined };
  }
  const fake = await FakeModel.start({ script: scriptedModel });
  return {
    options: { model: 'scripted', baseUrl: fake.baseUrl },
    about: 'scripted, because neither LLM_API_KEY nor LLM_API_BASE_URL is set',
    close: () => fake.close(),
  };
}
