/** `GET /health`. */
import type { Route } from '../http/route';

export const healthRoutes = (): Route[] => [{ method: 'GET', path: '/health', handle: (context) => context.json({}) }];
