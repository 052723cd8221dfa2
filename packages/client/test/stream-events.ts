/** Events of orchestration o_1, as the engine sends them. */
import type { StreamEvent } from '@orra-ts/protocol';

const base = { orchestrationId: 'o_1', timestamp: '2026-11-22T09:30:00Z' };
const ofTask = { ...base, taskId: 'task1', serviceName: 'stock' };

export const orchestration = (status: string): StreamEvent =>
  ({ ...base, type: `orchestration.${status}` }) as StreamEvent;

export const compensation = (status: string): StreamEvent =>
  ({ ...ofTask, type: `compensation.${status}` }) as StreamEvent;

export const update = (data: unknown, taskId = 'task1'): StreamEvent => ({
  ...ofTask,
  type: 'task.update',
  taskId,
  data,
});

export const sse = (id: number | string, event: StreamEvent): string =>
  `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
