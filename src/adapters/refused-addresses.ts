// Addresses that a check must never ask: link-local ones and the metadata services of clouds, which hand out credentials.
import { BlockList, isIP } from 'node:net';

const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('168.63.129.16', 'ipv4');

/** `host` as in a parsed URL (which has already turned other spellings of an IPv4 address into dots). */
export function isRefusedAddress(host: string): boolean {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  const family = isIP(bare);
  return family !== 0 && refused.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}
