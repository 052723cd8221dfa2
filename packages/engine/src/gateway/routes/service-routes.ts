/** `GET /services`: the project's services and agents. */
import { ServiceListSchema } from '@orra-ts/protocol';
import { serviceView } from '../../views/registration-views';
import { defineRoute, json } from '../http/route';

export const serviceRoutes = [
  defineRoute({
    method: 'GET',
    path: '/services',
    summary: 'The registered services and agents',
    access: 'project',
    responses: { 200: json(ServiceListSchema, 'Services and agents') },
    handler: ({ project }, { core, connectionsOf }) => ({
      status: 200,
      body: core.services.list(project).map((service) => serviceView(service, connectionsOf(service.id))),
    }),
  }),
];
