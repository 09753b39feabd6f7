// The restart as plain sh, for ROLLBACK.md. Of a plain process it proves that a process is the service before it signals it, since the
// number in an old pid file may have been given to anybody meanwhile.
import { basename } from 'node:path';
import type { ProcessService, ServiceSpec, SystemdService } from '../core/ports/service-processes.js';
import { shellQuoted, shellWord } from './shell-word.js';

/** The lines belong together: they share functions and variables. */
export const restartByHand = (service: ServiceSpec, drainSeconds: number): readonly string[] =>
  service.kind === 'systemd' ? ofUnit(service) : ofProcess(service, drainSeconds);

function ofUnit({ unit, scope }: SystemdService): readonly string[] {
  const systemctl = scope === 'user' ? 'systemctl --user' : 'systemctl';
  return [
    '# systemd stops all that runs of the unit, and starts what its ExecStart= names now. It refuses a start after too many failed ones.',
    `${systemctl} reset-failed ${shellWord(unit)} 2>/dev/null || true`,
    `${systemctl} restart ${shellWord(unit)}`,
  ];
}

function ofProcess(service: ProcessService, drainSeconds: number): readonly string[] {
  const [pidFile, log, directory, file] = [service.pidFile, service.log, service.directory, service.environmentFile].map((path) =>
    path === null ? null : shellWord(path),
  );
  const command = service.command.map(shellWord).join(' ');
  const source = file === null ? '' : `set -a; . ${file}; set +a; `;
  // The started shell writes its own pid and then becomes the program, with the environment that routerctl gives.
  const inner = `echo $$ > ${pidFile}; cd ${directory}; ${source}ROUTERCTL_SERVICE=${shellWord(service.id)} exec ${command}`;
  const [program = '', ...rest] = service.command;
  const line = `${[basename(program), ...rest].join(' ')} `;
  return [
    '# A number proves nothing: the process must carry the mark of the service, or run its program with its arguments.',
    'is_router() {',
    "  mark=\"$(cat \"/proc/$1/environ\" 2>/dev/null | tr '\\0' '\\n' | grep '^ROUTERCTL_SERVICE=' || true)\"",
    `  if [ -n "$mark" ]; then [ "$mark" = ${shellWord(`ROUTERCTL_SERVICE=${service.id}`)} ]; return; fi`,
    `  case " $(cat "/proc/$1/cmdline" 2>/dev/null | tr '\\0' ' ')" in *${shellQuoted(`/${line}`)}|*${shellQuoted(` ${line}`)}) return 0 ;; esac`,
    '  return 1',
    '}',
    '# The process and its group, without zombies: they are dead, although kill -0 still finds them.',
    'alive() { sed -nE "s/^($1) [(].*[)] [^ZX] .*/\\1/p; s/^([0-9]+) [(].*[)] [^ZX] [0-9]+ $1 .*/\\1/p" /proc/[0-9]*/stat 2>/dev/null || true; }',
    `pid="$(cat ${pidFile} 2>/dev/null || true)"`,
    'case "$pid" in 0|1|*[!0-9]*) pid= ;; esac',
    'router=',
    'if [ -n "$pid" ]; then for each in $(alive "$pid"); do if is_router "$each"; then router="$pid"; fi; done; fi',
    'if [ -n "$pid" ] && [ -z "$router" ] && [ -n "$(alive "$pid")" ]; then',
    `  echo "process $pid is not the router, although it stands in "${pidFile}"; nothing was stopped or started." >&2`,
    `  echo "Stop the router if it runs elsewhere. Then: rm "${pidFile}", and run these lines again." >&2`,
    '  exit 1',
    'fi',
    'if [ -n "$router" ]; then',
    "  # The group with it, so that nothing of the old service stays beside the new one; an operator's own start leads none.",
    '  kill -- "-$router" 2>/dev/null || kill "$router" 2>/dev/null || true',
    '  waited=0',
    `  while [ -n "$(alive "$router")" ] && [ "$waited" -lt ${drainSeconds * 5} ]; do sleep 0.2; waited=$((waited + 1)); done`,
    '  if [ -n "$(alive "$router")" ]; then kill -9 -- "-$router" 2>/dev/null || kill -9 "$router" 2>/dev/null || true; fi',
    'fi',
    `setsid env -i PATH="$PATH" HOME="$HOME" LANG="\${LANG:-C}" sh -c ${shellWord(inner)} >> ${log} 2>&1 < /dev/null &`,
  ];
}
