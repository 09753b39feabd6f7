// The target of a playbook that asks only about files and packages: this machine, and no router. It has no URL and no deployment,
// so that a step which needs one says so instead of finding something by chance.
import { type Target, targetSpec } from '../core/target.js';

export function localTarget(profile: string, root: string): Target {
  return { ...targetSpec.parse({ profile, environment: 'lab', root, components: { nothing: {} } }), name: 'files' };
}
