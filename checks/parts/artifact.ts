// An artifact as playbooks hand it on: a path, or an object that knows its path.
import { z } from '../../src/core/zod.js';

export const artifactSpec = z.union([z.string().min(1), z.looseObject({ path: z.string().min(1) })]);

export const artifactPath = (artifact: z.infer<typeof artifactSpec>): string => (typeof artifact === 'string' ? artifact : artifact.path);
