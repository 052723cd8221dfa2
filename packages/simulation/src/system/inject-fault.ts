/** Applies one fault of a specification to a running world. */
import type { Scheduler } from '../kernel/scheduler';
import type { Trace } from '../kernel/trace';
import type { Fault } from '../spec/world-spec';
import type { EngineProcess } from './engine-process';
import type { Network } from './network';
import type { ServiceProcess } from './service-process';

export interface FaultTargets {
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly engine: EngineProcess;
  readonly network: Network;
  readonly replicas: ReadonlyMap<string, ServiceProcess>;
}

export function injectFault({ scheduler, trace, engine, network, replicas }: FaultTargets, fault: Fault): void {
  const { atMs: _, kind, ...details } = fault;
  trace.add('fault', kind, JSON.stringify(details));
  const replica = (name: string): ServiceProcess => replicas.get(name) as ServiceProcess;
  const { nowMs } = scheduler;
  switch (fault.kind) {
    case 'lose':
      replica(fault.replica).link.lose[fault.direction] += fault.count;
      return;
    case 'duplicate':
      replica(fault.replica).link.duplicate[fault.direction] += fault.count;
      return;
    case 'delay': {
      const { link } = replica(fault.replica);
      link.delayMs = fault.byMs;
      link.delayUntilMs = nowMs + fault.forMs;
      return;
    }
    case 'cut':
      return network.cut(fault.replica);
    case 'silent':
      replica(fault.replica).link.silentUntilMs = nowMs + fault.forMs;
      return;
    case 'freeze':
      return (fault.process === 'engine' ? engine : replica(fault.process)).scope.freeze(fault.forMs);
    case 'clock':
      (fault.process === 'engine' ? engine : replica(fault.process)).wall.offsetMs += fault.byMs;
      return;
    case 'refuse-append':
      engine.appendFaults.refuse += fault.count;
      return;
    case 'slow-append':
      engine.appendFaults.slowMs += fault.forMs;
      return;
    case 'crash-append':
      engine.appendFaults.crash = { committed: fault.committed };
      engine.downMs = fault.downMs;
      return;
    case 'crash-sync':
      replica(fault.replica).crashAtSync = { downMs: fault.downMs };
      return;
    case 'crash':
      if (fault.process === 'engine') engine.crash(fault.power, fault.downMs);
      else replica(fault.process).crash(fault.power, fault.downMs);
      return;
    case 'forge':
      return network.forge(fault.replica, fault.names);
    case 'gone':
      return replica(fault.replica).crash(false, undefined);
  }
}
