/** Errors about items that the project does not have. */
import { GO_ERROR_MESSAGES } from '@orra-ts/protocol';
import { excerpt } from '../../domain/excerpt';
import { WireFailure } from './wire-failure';

export const unknownOrchestration = (id: string): WireFailure =>
  new WireFailure(400, {
    kind: 'item does not exist',
    code: 'Orra:UnknownOrchestration',
    message: GO_ERROR_MESSAGES.unknownOrchestrationPrefix + id,
  });

export const unknownPlan = (name: string): WireFailure =>
  new WireFailure(400, {
    kind: 'item does not exist',
    code: 'Orra:UnknownPlan',
    param: 'name',
    message: `unknown plan: ${excerpt(name)}`,
  });
