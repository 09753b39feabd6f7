// The services of a host, whatever they are deployed as: each call goes to the adapter that knows the kind of the service.
import type { ServiceActs, ServiceReads, ServiceSpec } from '../core/ports/service-processes.js';
import { servicesProcess } from './services-process.js';
import { servicesSystemd } from './services-systemd.js';

export function servicesByKind(host = 'local'): ServiceReads & ServiceActs {
  const [processes, units] = [servicesProcess(host), servicesSystemd(host)];
  const of = (service: ServiceSpec) => (service.kind === 'process' ? one(processes, service) : one(units, service));
  return {
    host,
    isAlive: processes.isAlive,
    connections: processes.connections,
    find: (service) => of(service).find(),
    family: (service, known) => of(service).family(known),
    startable: (service) => of(service).startable(),
    unit: (service) => of(service).unit(),
    logTail: (service, lines) => of(service).logTail(lines),
    start: (service, before) => of(service).start(before),
    signal: (service, process, name) => of(service).signal(process, name),
  };
}

function one<Spec>(services: ServiceReads<Spec> & ServiceActs<Spec>, service: Spec) {
  type Acts = ServiceActs<Spec>;
  type Reads = ServiceReads<Spec>;
  return {
    find: () => services.find(service),
    family: (known: Parameters<Reads['family']>[1]) => services.family(service, known),
    startable: () => services.startable(service),
    unit: () => services.unit(service),
    logTail: (lines: number) => services.logTail(service, lines),
    start: (before: Parameters<Acts['start']>[1]) => services.start(service, before),
    signal: (process: Parameters<Acts['signal']>[1], name: Parameters<Acts['signal']>[2]) => services.signal(service, process, name),
  };
}
