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
    handler: ({ project }, { host, connectionsOf }) => ({
      status: 200,
      body: host.services(project).map((service) => serviceView(service, connectionsOf(service.id))),
    }),
  }),
];
