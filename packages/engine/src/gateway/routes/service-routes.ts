/** `GET /services`: the project's services and agents. */
import { serviceView } from '../../views/registration-views';
import { requestTools, type HttpAppDependencies, type Route } from '../http/route';

export function serviceRoutes(dependencies: HttpAppDependencies): Route[] {
  const { host, connectionsOf } = dependencies;
  const { asProject } = requestTools(dependencies);
  return [
    {
      method: 'GET',
      path: '/services',
      handle: asProject((context, project) =>
        context.json(host.services(project).map((service) => serviceView(service, connectionsOf(service.id)))),
      ),
    },
  ];
}
