/** `/settings` of the key's project. Our own routes, checked strictly. */
import { ProjectSettingsViewSchema } from '@orra-ts/protocol';
import { settingsBody } from '../http/request-bodies';
import { defineRoute, json } from '../http/route';

export const settingsRoutes = [
  defineRoute({
    method: 'GET',
    path: '/settings',
    summary: 'Settings of the project',
    access: 'project',
    responses: { 200: json(ProjectSettingsViewSchema, 'All settings') },
    handler: ({ project }) => ({ status: 200, body: project.settings }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/settings',
    summary: 'Changes the settings in the body and keeps the others',
    access: 'project',
    body: settingsBody,
    responses: { 200: json(ProjectSettingsViewSchema, 'All settings, after the change') },
    handler: async ({ project, body }, { core }) => ({
      status: 200,
      body: (await core.projects.configure(project, await body())).settings,
    }),
  }),
];
