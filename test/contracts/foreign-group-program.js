// As a user without rights: ends a group that root started, or runs a hook that became root and hangs. Says how it was refused.
import { commandsNode } from '../../dist/src/adapters/commands-node.js';
import { endGroup } from '../../dist/src/adapters/process-group.js';
import { createRedactor } from '../../dist/src/core/redaction.js';

const [, , what, ...given] = process.argv;
const groups = [];
try {
  if (what === 'end') await endGroup({ pgid: Number(given[0]), startTicks: Number(given[1]) });
  else {
    const onGroup = (group) => Promise.resolve(void groups.push(group));
    await commandsNode({ redactor: createRedactor(), onGroup }).run(given, { timeoutMs: 300 });
  }
  console.log(JSON.stringify({ ended: true }));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, exit: error.exitCode, message: error.message, hint: error.hint, group: groups[0]?.pgid }));
}
process.exit();
