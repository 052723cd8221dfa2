/** `/settings` of the key's project. Routes of ours, checked strictly. */
import { ProjectSettingsSchema } from '@orra-ts/protocol';
import { requestTools, type HttpAppDependencies, type Route } from '../http/route';
import { decodeStrictly } from '../http/strict-body';

export function settingsRoutes(dependencies: HttpAppDependencies): Route[] {
  const { host } = dependencies;
  const { body, asProject } = requestTools(dependencies);
  return [
    {
      method: 'GET',
      path: '/settings',
      handle: asProject((context, { settings }) => context.json(settings)),
    },
    {
      method: 'PUT',
      path: '/settings',
      handle: asProject(async (context, project) => {
        const changes = decodeStrictly(ProjectSettingsSchema, await body(context));
        return context.json((await host.configureProject(project, changes)).settings);
      }),
    },
  ];
}
