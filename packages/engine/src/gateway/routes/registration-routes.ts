/** `/register/…` and `/apikeys`: projects, their services and agents, and their keys. */
import type { ServiceKind } from '@orra-ts/protocol';
import { projectView, serviceRegisteredView } from '../../views/registration-views';
import { decodeProject, decodeService } from '../http/compatible-bodies';
import { requestTools, type Handler, type HttpAppDependencies, type Route } from '../http/route';

export function registrationRoutes(dependencies: HttpAppDependencies): Route[] {
  const { host, prepareProject } = dependencies;
  const { body, asProject } = requestTools(dependencies);
  const registerService = (kind: ServiceKind): Handler =>
    asProject(async (context, project) => {
      const registration = decodeService(await body(context));
      const service = await host.registerService(project, kind, registration);
      const { capabilities, ...registered } = serviceRegisteredView(service, host.capabilities);
      // What we can do beyond the protocol is told only to those who said that they are of ours.
      return context.json(Array.isArray(registration.capabilities) ? { ...registered, capabilities } : registered);
    });

  return [
    {
      method: 'POST',
      path: '/register/project',
      handle: async (context) => {
        const registration = decodeProject(await body(context));
        const { project, apiKey } = await host.registerProject(registration);
        await prepareProject(project);
        return context.json(projectView(project, apiKey, registration.additionalAPIKeys), 201);
      },
    },
    { method: 'POST', path: '/register/service', handle: registerService('service') },
    { method: 'POST', path: '/register/agent', handle: registerService('agent') },
    {
      method: 'POST',
      path: '/apikeys',
      handle: asProject(async (context, project) => context.json({ apiKey: await host.addApiKey(project) }, 201)),
    },
  ];
}
