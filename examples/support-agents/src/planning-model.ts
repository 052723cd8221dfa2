/** The model that plans: the one that the environment names, else the scripted one. */
import { type ModelOptions, modelFromEnv } from '@orra-ts/engine';
import { FakeModel } from '@orra-ts/fakes';
import { scriptedModel } from './scripted-model';

export interface PlanningModel {
  /** For the engine. */
  readonly options: ModelOptions;
  /** For people. */
  readonly about: string;
  close(): Promise<void>;
}

/** @throws OrraError `ORRA_INVALID_OPTION` when an `LLM_…` variable cannot be read */
export async function startPlanningModel(): Promise<PlanningModel> {
  const options = modelFromEnv();
  if (options) {
    const { model, baseUrl = 'the endpoint of OpenAI' } = options;
    return { options, about: `${model}, at ${baseUrl}`, close: async () => undefined };
  }
  const fake = await FakeModel.start({ script: scriptedModel });
  return {
    options: { model: 'scripted', baseUrl: fake.baseUrl },
    about: 'a scripted one, since neither LLM_API_KEY nor LLM_API_BASE_URL is set',
    close: () => fake.close(),
  };
}
