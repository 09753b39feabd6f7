// One of several processes that want the same lease: says whether it won, and holds on until it is told to end.
import { clockNode } from '../../dist/src/adapters/clock-node.js';
import { leasesFiles } from '../../dist/src/adapters/lease-files.js';

const leases = leasesFiles(clockNode());
process.on('message', (said) => {
  if (said === 'end') process.exit(0);
  try {
    leases.acquire(process.argv[2], `r${process.pid}`, 'runner');
    process.send('won');
  } catch (error) {
    process.send(error.code);
  }
});
process.send('ready');
