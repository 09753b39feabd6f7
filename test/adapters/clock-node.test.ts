import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clockNode } from '../../src/adapters/clock-node.js';
import { clockContract } from '../contracts/clock-contract.js';

clockContract('node', clockNode);

test('the boot clock agrees with the machine across instances', () => {
  const uptimeMs = Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000;
  expect(Math.abs(clockNode().bootMs() - uptimeMs)).toBeLessThan(5000);
});
