/** Runs the service with an embedded engine. In production, `engine` is a URL and several instances share the work. */
import { embeddedEngine } from '@orra-ts/engine';
import { OrraFactory, definePlan, type OrraApplication } from '@orra-ts/sdk';
import { AnalyseInput, ImageService } from './image-service';

const analyseImage = definePlan('Analyse the image {url}', AnalyseInput, (plan, { url }) =>
  plan.task(ImageService, 'analyse', { url }),
);

export const createImageApp = (): Promise<OrraApplication> =>
  OrraFactory.create({
    services: [ImageService],
    plans: [analyseImage],
    engine: embeddedEngine({ storage: ':memory:' }),
    journal: { kind: 'memory' },
  });
